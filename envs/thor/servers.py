"""AI2-THOR's two servers, which here notice at once that Unity is gone, and leave nothing behind.

ai2thor 5.0.0 opens its pipes without a time-out, so that a Unity that ends at its start hangs the
client for good; it spins on a closed pipe until the time-out is over; and it never ends the thread
and the socket of its HTTP server.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Full
from typing import Any

from ai2thor.exceptions import UnityCrashException
from ai2thor.fifo_server import FifoServer
from ai2thor.wsgi_server import WsgiServer
from werkzeug.exceptions import HTTPException

from embodied.envs.thor.lost import UnityLost

LARGEST = 1 << 28  # bytes of a frame that is still believed
PIPE = 1 << 20  # bytes in a pipe; Linux gives 64 KiB unasked, a quarter of a picture
PATIENCE = 5.0  # seconds for a process or thread to end
LOOK = 0.2  # seconds between looks whether Unity lives, while nothing comes
VULKAN = (
    " at its start: CloudRendering needs Vulkan (try vulkaninfo; apt-get install libvulkan1 and "
    "the GPU's driver), Linux64 an X display with GLX (x_display=)"
)


class PipeServer(FifoServer):
    """The protocol over two pipes."""

    server_pipe: Any  # ai2thor's annotations are of text files
    client_pipe: Any
    _heard = False

    def start(self) -> None:
        super().start()
        # Neither waits for Unity to open its end. That the second can also be read from keeps
        # writing to a Unity that has died from raising SIGPIPE: reading its answer will tell.
        reader = os.open(self.server_pipe_path, os.O_RDONLY | os.O_NONBLOCK)
        writer = os.open(self.client_pipe_path, os.O_RDWR)
        for pipe in (reader, writer):
            with contextlib.suppress(OSError, AttributeError):  # above the limit; not Linux
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)
        self.server_pipe = os.fdopen(reader, "rb", buffering=0)
        self.client_pipe = os.fdopen(writer, "wb")
        self._poll = select.poll()
        self._poll.register(reader, select.POLLIN)

    def receive(self, timeout: float | None = None) -> Any:
        try:
            event = super().receive(timeout)
        except UnityLost:
            raise
        except Exception as error:  # rubbish can make the decoder raise anything
            raise UnityLost(_unreadable(error)) from error
        self._heard = True
        return event

    def _read_with_timeout(
        self, server_pipe: Any, message_size: int, timeout: float | None
    ) -> bytearray:
        if message_size > LARGEST:
            raise UnityLost(f"announced a frame of {message_size} bytes, which is rubbish")
        message = bytearray(message_size)
        view, end = memoryview(message), time.monotonic() + (timeout or float("inf"))
        while view:
            if not self._wait(end):
                raise UnityLost(f"gave no answer in {timeout:g} s")
            view = view[server_pipe.readinto(view) or 0 :]
        return message

    def _wait(self, end: float) -> bool:
        """Wait for bytes; False when the time is over."""
        while (rest := end - time.monotonic()) > 0:
            for _, events in self._poll.poll(1000 * min(rest, LOOK)):
                if events & select.POLLIN:
                    return True
                raise UnityLost(_ending(self.unity_proc, self._heard))  # the other end is closed
            if self.unity_proc is not None and self.unity_proc.poll() is not None:
                raise UnityLost(_ending(self.unity_proc, self._heard))
        return False

    def stop(self) -> None:
        """Kill Unity, close and remove the pipes; safe to call twice."""
        kill_tree(self.unity_proc)
        for pipe in (self.client_pipe, self.server_pipe):
            with contextlib.suppress(OSError):  # what was not written is lost, as it should be
                if pipe is not None:
                    pipe.close()
        self.tmp_dir.cleanup()


class HttpServer(WsgiServer):
    """The protocol over HTTP."""

    _heard = False

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)

        @self.app.errorhandler(Exception)
        def fail(error: Exception) -> Any:
            if isinstance(error, HTTPException):  # of somebody who does not know the token
                return error
            with contextlib.suppress(Full):
                self.request_queue.put_nowait(error)
            return "", 500

    def receive(self, timeout: float | None = None) -> Any:
        try:
            event = super().receive(timeout)
        except UnityCrashException as error:
            raise UnityLost(_ending(self.unity_proc, self._heard)) from error
        except TimeoutError as error:
            raise UnityLost(f"gave no answer in {timeout or self.timeout:g} s") from error
        if isinstance(event, Exception):
            raise UnityLost(_unreadable(event)) from event
        self._heard = True
        return event

    def stop(self) -> None:
        """Kill Unity, end the thread and close the socket; safe to call twice."""
        if self.stopped:
            return
        self.stopped = True
        kill_tree(self.unity_proc)
        if self.started:
            ending = threading.Thread(target=self.wsgi_server.shutdown, daemon=True)
            ending.start()
            end = time.monotonic() + PATIENCE
            while self.server_thread.is_alive() and time.monotonic() < end:
                with contextlib.suppress(Full):  # wakes a handler that waits for the next action
                    self.response_queue.put_nowait({})
                self.server_thread.join(LOOK / 4)
            ending.join(PATIENCE)
        self.wsgi_server.server_close()


def kill_tree(process: "subprocess.Popen[bytes] | None") -> None:
    """Kill a process and those it started (xvfb-run and its like), and wait for it."""
    if process is None:
        return
    if process.poll() is None:
        for pid in list(_descendants(process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.kill()
    process.wait()


def _descendants(pid: int) -> Iterator[int]:
    """Linux only; elsewhere there are none."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # ended meanwhile
            for child in map(int, path.read_text().split()):
                yield from _descendants(child)
                yield child


def _ending(process: "subprocess.Popen[bytes] | None", heard: bool) -> str:
    code = None
    if process is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = process.wait(PATIENCE)
    if code is None:
        return "closed its connection"
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    crashed = code in (-signal.SIGSEGV, -signal.SIGABRT) and not heard
    return how + (VULKAN if crashed else "")


def _unreadable(error: Exception) -> str:
    return f"said what cannot be read ({type(error).__name__}: {' '.join(str(error).split())[:80]})"
