"""The filter of system calls, run by an interpreter of its few instructions, for both kinds of processor."""

import errno
import platform
import struct

import pytest

from minigrad.grade.sandbox import seccomp

OWN = 4321
ALLOWED = 0


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return request.param


def answer(program, call, *arguments, architecture=None):
    """The error that the filter answers a call with, or 0. `call`: a name or a number."""
    tables = seccomp.NEVER + seccomp.CONDITIONAL + seccomp.UNSEEN_BY_LANDLOCK
    number = seccomp.table(tables)[call] if isinstance(call, str) else call
    kind = architecture or seccomp.ARCHITECTURES[platform.machine()]
    data = struct.pack("=IIQ6Q", number, kind, 0, *arguments, *[0] * (6 - len(arguments)))
    instructions = list(struct.iter_unpack("=HBBI", program))
    place, register = 0, None
    while True:
        code, yes, no, value = instructions[place]
        place += 1
        if code == seccomp.RETURN:
            return ALLOWED if value == seccomp.ALLOW else value ^ seccomp.REFUSE
        elif code == seccomp.LOAD:
            register = struct.unpack_from("=I", data, value)[0]
        elif code == seccomp.AND:
            register &= value
        else:
            tests = {seccomp.EQUAL: register == value, seccomp.AT_LEAST: register >= value}
            place += yes if tests.get(code, bool(register & value)) else no


def names(text):
    return list(seccomp.table(text))


def test_what_no_program_needs_is_refused_in_every_filter(machine):
    for program in (seccomp.program(), seccomp.program(processes=True), seccomp.program(alone=OWN)):
        assert {answer(program, name) for name in names(seccomp.NEVER)} == {errno.EPERM}
        assert answer(program, "clone3") == errno.ENOSYS
        assert answer(program, "clone", seccomp.NEW_USER | seccomp.NEW_THREAD) == errno.EPERM
        assert answer(program, "ioctl", 0, 0x5412) == errno.EPERM
        assert answer(program, "ioctl", 0, 0x5412 | 1 << 40) == errno.EPERM  # the kernel looks at 32 bits, too
        assert answer(program, "ioctl", 0, 0x5401) == ALLOWED


def test_calls_of_other_machines_and_of_later_kernels_are_refused(machine):
    program = seccomp.program()

    assert answer(program, 1, architecture=0x40000003) == errno.ENOSYS  # 32-bit x86
    assert answer(program, seccomp.NEWEST) == errno.ENOSYS
    assert answer(program, 0x40000000 + 101) == errno.ENOSYS  # x32's ptrace


def test_reading_writing_and_threads_are_allowed(machine):
    for program in (seccomp.program(), seccomp.program(processes=True), seccomp.program(alone=OWN)):
        assert answer(program, "clone", seccomp.NEW_THREAD) == ALLOWED
        assert answer(program, "openat", 0, 0, 0o101) == ALLOWED
        assert answer(program, "socketpair", 1, 1 | 0o2000000) == ALLOWED  # closed when another program is started


def test_processes_and_sockets_only_where_there_may_be_some(machine):
    alone, many = seccomp.program(), seccomp.program(processes=True)

    assert (answer(alone, "clone", 17), answer(many, "clone", 17)) == (errno.EPERM, ALLOWED)
    assert {answer(alone, "socket", family) for family in range(45)} == {errno.EACCES}
    assert [family for family in range(45) if answer(many, "socket", family) == ALLOWED] == [1, 2, 16]
    assert answer(many, "socket", 16, 3, 12) == errno.EPROTONOSUPPORT  # netlink's way to the firewall
    assert answer(alone, "socketpair", 1, 2) == errno.EACCES  # datagrams


def test_among_others_only_the_program_itself_is_in_reach(machine):
    program = seccomp.program(alone=OWN)

    for name in ("kill", "tgkill", "rt_sigqueueinfo", "prlimit64", "sched_setaffinity"):
        assert answer(program, name, OWN) == ALLOWED
        assert answer(program, name, OWN + 1) == errno.EPERM
    assert answer(program, "kill", 0) == answer(program, "kill", 2**32 - 1) == errno.EPERM
    assert answer(program, "prlimit64", 0) == ALLOWED
    signalling = [command for command in range(2000) if answer(program, "fcntl", 3, command) == errno.EPERM]
    assert signalling == [8, 10, 15, 1024, 1026]
    assert [answer(program, "ioctl", 0, request) for request in (0x8901, 0x8902, 0x5401)] == [1, 1, 0]
    assert answer(program, "prctl", 1, 0) == errno.EPERM and answer(program, "prctl", 15) == ALLOWED
    assert {answer(program, name) for name in names(seccomp.UNSEEN_BY_LANDLOCK)} == {errno.EPERM}
    assert {answer(seccomp.program(), name) for name in names(seccomp.UNSEEN_BY_LANDLOCK)} == {ALLOWED}


def test_a_file_opened_for_reading_cannot_be_emptied_by_that(machine):
    program = seccomp.program(alone=OWN)

    assert answer(program, "openat", 0, 0, 0o1000) == errno.EPERM
    assert answer(program, "openat", 0, 0, 0o1001) == answer(program, "openat", 0, 0, 0) == ALLOWED


def test_a_filter_fits_into_what_the_kernel_takes(machine):
    assert len(seccomp.program(alone=OWN)) // 8 <= 4096
