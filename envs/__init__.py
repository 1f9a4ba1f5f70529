"""Gymnasium environments that a vision-language model can look at."""
