"""Parts of the viewer's page; see `embodied.viewer.page.PANELS`."""
