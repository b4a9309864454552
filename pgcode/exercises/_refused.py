"""Calls of the system that the process of a student is refused, beside what `_confined` does to its files.

Landlock holds what is read and written. It does not hold who changes the rights or the dates of a file, lowers the
limits of another process, or asks a service of the machine through a socket. This is a filter of seccomp for these: a
short program of the kernel that looks at the number of each call. What it does not name is allowed, so no library of
Python has to be known here. Where the system or the processor is another one nothing is refused, and who asks is told.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

__all__ = ["can_refuse", "refuse"]

#: Calls of Linux by their numbers on x86-64 and on ARM of 64 bits; None where there is none.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    # the rights, owners and dates of files
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    # sockets of every kind, and the ring through which one could be asked for all the same
    "socket": (41, 198), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "fork": (57, None), "vfork": (58, None),
    # its own limits, which root could raise
    "setrlimit": (160, 164),
    # what stays when the process is gone
    "shmget": (29, 194), "shmctl": (31, 195), "semget": (64, 190), "semctl": (66, 191), "msgget": (68, 186),
    "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # the machine itself, for a process of root
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "sethostname": (170, 161),
    "setdomainname": (171, 162), "init_module": (175, 105), "delete_module": (176, 106), "finit_module": (313, 273),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "bpf": (321, 280), "perf_event_open": (298, 241),
    "acct": (163, 89), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116),
    "vhangup": (153, 58), "userfaultfd": (323, 282), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "iopl": (172, None), "ioperm": (173, None),
}  # fmt: skip
#: Calls that are allowed for the process itself: the first argument is 0, or its own number.
OF_ONESELF: dict[str, tuple[int, int]] = {
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "sched_setaffinity": (203, 122),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
}  # fmt: skip
#: Limits may be asked for, and not set: where new ones stand must be nowhere.
PRLIMIT = (302, 261)
#: Who is told by a signal when something happens to a file: commands of fcntl, F_SETOWN, F_SETSIG and F_SETOWN_EX.
FCNTL, _OWNERS = (72, 25), (8, 10, 15)
#: A new process, which is no thread of this one. What is asked of clone3 stands in memory, where no filter looks, so
#: it is said not to exist, and the library of C takes clone.
CLONE, CLONE3, _THREAD = (56, 220), (435, 435), 0x10000

#: The name of the processor, and its number in the kernel.
_PROCESSORS = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
#: On x86-64 from here on are the calls of another interface, with other numbers.
_OTHER_INTERFACE = 0x40000000
_SECCOMP = (317, 277)
_SET_FILTER, _IS_KNOWN, _ALL_THREADS = 1, 2, 1

_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NOT_PERMITTED, _NO_SUCH_CALL = 1, 38
#: Instructions: load a word, and jump where it is equal, at least, or has a bit; end.
_LOAD, _EQUAL, _AT_LEAST, _HAS, _END = 0x20, 0x15, 0x35, 0x45, 0x06
#: Where the kernel puts the number of a call, the processor, the low words of the first and second argument, and both
#: words of the third.
_NUMBER, _PROCESSOR, _FIRST, _SECOND, _THIRD = 0, 4, 16, 24, (32, 36)
Instruction = tuple[int, int, int, int]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _processor() -> tuple[int, int] | None:
    """Which column of the numbers is that of this processor, and its own number; None for any other system."""
    if sys.platform != "linux" or sys.maxsize < 2**32 or sys.byteorder != "little":
        return None
    return _PROCESSORS.get(platform.machine())


def can_refuse() -> bool:
    """Whether the system can refuse calls."""
    known = _processor()
    if known is None:
        return False
    action = ctypes.c_uint32(_ERROR)
    return _called(_SECCOMP[known[0]], _IS_KNOWN, 0, ctypes.byref(action)) == 0


def refuse() -> bool:
    """Refuse these calls to this process for good, and say whether the system can do that."""
    known = _processor()
    if known is None or not can_refuse():
        return False
    column, processor = known
    program = b"".join(struct.pack("=HBBI", *one) for one in _instructions(column, processor, os.getpid()))
    held = ctypes.create_string_buffer(program, len(program))
    asked = _Program(len(program) // 8, ctypes.addressof(held))
    no_new_privileges = 38
    if ctypes.CDLL(None).prctl(no_new_privileges, *map(ctypes.c_ulong, (1, 0, 0, 0))) != 0:
        return False
    return _called(_SECCOMP[column], _SET_FILTER, _ALL_THREADS, ctypes.byref(asked)) == 0


def _instructions(column: int, processor: int, own: int) -> list[Instruction]:
    """The program. A jump says how many instructions to pass over, where it holds and where it does not."""
    refused = (_END, 0, 0, _ERROR | _NOT_PERMITTED)
    program: list[Instruction] = [
        (_LOAD, 0, 0, _PROCESSOR),
        (_EQUAL, 1, 0, processor),
        refused,
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _OTHER_INTERFACE),
        refused,
    ]
    for numbers in NUMBERS.values():
        number = numbers[column]
        if number is not None:
            program += [(_EQUAL, 0, 1, number), refused]
    for pair in OF_ONESELF.values():
        # Pass over what follows unless it is this call; allow 0 and one's own number; refuse the rest.
        program += [
            (_EQUAL, 0, 5, pair[column]),
            (_LOAD, 0, 0, _FIRST),
            (_EQUAL, 2, 0, 0) if pair not in _SIGNALS else (_EQUAL, 2, 0, own),
            (_EQUAL, 1, 0, own),
            refused,
            (_END, 0, 0, _ALLOW),
        ]
    owners = [(_EQUAL, len(_OWNERS) - number, 0, command) for number, command in enumerate(_OWNERS)]
    program += [
        (_EQUAL, 0, 6, PRLIMIT[column]),
        (_LOAD, 0, 0, _THIRD[0]),
        (_EQUAL, 0, 3, 0),
        (_LOAD, 0, 0, _THIRD[1]),
        (_EQUAL, 0, 1, 0),
        (_END, 0, 0, _ALLOW),
        refused,
        (_EQUAL, 0, len(_OWNERS) + 3, FCNTL[column]),
        (_LOAD, 0, 0, _SECOND),
        *owners,
        (_END, 0, 0, _ALLOW),
        refused,
        (_EQUAL, 0, 3, CLONE[column]),
        (_LOAD, 0, 0, _FIRST),
        (_HAS, 1, 0, _THREAD),
        refused,
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 0, 1, CLONE3[column]),
        (_END, 0, 0, _ERROR | _NO_SUCH_CALL),
        (_END, 0, 0, _ALLOW),
    ]
    return program


#: A signal to 0 is one to all processes of the group, which is the student's own; only that to oneself is allowed.
_SIGNALS = tuple(OF_ONESELF[name] for name in ("kill", "tkill", "tgkill"))


def _called(number: int, *arguments: object) -> int:
    """A system call, with whole numbers as wide as the system reads them."""
    wide = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *wide))
