"""viser's server, behind the gate and without what a visitor should not have."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace

import viser
from viser import _messages

from embodied.viewer.gate import Address, Gate


def start_server(address: Address, label: str) -> tuple[viser.ViserServer, Address]:
    """Serve at `address`; returns it with the port that a 0 became. label: above the controls."""
    gate = Gate(address.token)
    with gate.guarding(), silence():
        server = viser.ViserServer(address.host, address.port, "embodied", verbose=False)
    # A visitor could ask for a public tunnel to the page through viser's servers.
    server._websock_server.unregister_handler(_messages.ShareUrlRequest)
    server.gui.configure_theme(show_logo=False, show_share_button=False)
    server.gui.set_panel_label(label)
    return server, replace(address, port=server.get_port())


def silence() -> contextlib.AbstractContextManager[object]:
    """Without viser's greeting and good-bye on stdout."""
    return contextlib.redirect_stdout(io.StringIO())
