"""The interactive viewer: a page that shows a simulation and what a VLM thinks of it.

A simulation is stepped at its pace (`simulation`), the newest state is drawn and scored beside it
(`scoring`), and the page (`page`) shows both; each part of the page is a module of `panels`.
"""
