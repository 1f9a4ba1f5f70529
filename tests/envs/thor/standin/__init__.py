"""A stand-in for AI2-THOR's Unity program, for machines that cannot have it.

It is an executable that `ai2thor.controller.Controller` starts as if it were Unity. It speaks both
protocols, FIFO and WSGI, on top of a household of boxes: nothing rolls, falls or breaks, pictures
are flat boxes on a coarse grid. What it says that matters to a client is as in Unity's source:
frames, sequence ids, error codes, and that SetObjectPoses removes what is not listed and gives all
objects new ids.

    unity            the executable, a shell script
    scenes           a kitchen of our own (FloorPlan1, mirrored as FloorPlan2), or recorded metadata
    space, agent     boxes and rays; where the agent is and what it sees
    household        what iTHOR's interactions do
    world            one action in, metadata and pictures out
    picture          RGB, depth and instance ids
    wire             the two protocols
    faults           dying, hanging and talking rubbish, for tests

Environment variables: STANDIN_PYTHON, the interpreter; STANDIN_SCENES, a file of recorded metadata
(thor-object-metadata.json.gz); STANDIN_FAULTS, see `faults`; STANDIN_PIDS, a file that gets the pid
of each start.
"""
