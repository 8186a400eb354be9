"""A sandbox as agents put around their commands: everything can be read, nothing can be written
but below the folders that are named, and /dev/null (Landlock, as Codex uses it)."""
import ctypes
import os
import struct

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # system calls
PR_SET_NO_NEW_PRIVS = 38
PATH_BENEATH = 1
# Every right but to execute, to read a file and to list a folder.
WRITING = 1 << 1 | sum(1 << bit for bit in range(4, 15))
WRITING_A_FILE = 1 << 1 | 1 << 14

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return result


def confine(*writable):
    """For `preexec_fn`: confines the process that calls it and its children."""
    def enter():
        attributes = struct.pack("Q", WRITING)
        ruleset = call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
        for path in ("/dev/null", *writable):
            rights = WRITING if os.path.isdir(path) else WRITING_A_FILE
            place = os.open(path, os.O_PATH)
            call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
            os.close(place)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        call(RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)
    return enter
