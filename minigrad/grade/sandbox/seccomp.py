"""A filter of system calls: a short program for the kernel, assembled here from the standard library alone.

    program(processes=False)   for bubblewrap: what no exercise needs and a break-out does; sockets; new processes
    program(alone=pid)         for Landlock: also what Landlock does not see, such as chmod, and signals to others

Calls are refused by an error, as if the right to them were lacking, so an honest program that merely tries goes on.
Each rule is a block: if the number is another one, it jumps to the block's end. Read from `program` down.
"""

import errno
import platform
import struct

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # the kernel's names for them
NEWEST = 470  # calls with this number and above came after these lists were written

# The number on x86_64, and on aarch64 ("-": there is none).
NEVER = """
ptrace 101 117            process_vm_readv 310 270  process_vm_writev 311 271  process_madvise 440 440
kcmp 312 272              pidfd_getfd 438 438       migrate_pages 256 238      move_pages 279 239
process_mrelease 448 448  perf_event_open 298 241   bpf 321 280                userfaultfd 323 282
keyctl 250 219            add_key 248 217           request_key 249 218        personality 135 92
mount 165 40              umount2 166 39            pivot_root 155 41          chroot 161 51
move_mount 429 429        open_tree 428 428         open_tree_attr 467 467     mount_setattr 442 442
fsopen 430 430            fsconfig 431 431          fsmount 432 432            fspick 433 433
unshare 272 97            setns 308 268             open_by_handle_at 304 265  name_to_handle_at 303 264
io_uring_setup 425 425    io_uring_enter 426 426    io_uring_register 427 427  vmsplice 278 75
kexec_load 246 104        kexec_file_load 320 294   reboot 169 142             syslog 103 116
init_module 175 105       finit_module 313 273      delete_module 176 106      fanotify_init 300 262
swapon 167 224            swapoff 168 225           acct 163 89                quotactl 179 60
quotactl_fd 443 443       lookup_dcookie 212 18     nfsservctl 180 42          vhangup 153 58
clock_settime 227 112     clock_adjtime 305 266     settimeofday 164 170       adjtimex 159 171
sethostname 170 161       setdomainname 171 162     ioperm 173 -               iopl 172 -
modify_ldt 154 -          memfd_create 319 279      memfd_secret 447 447       shmget 29 194
shmat 30 196              shmctl 31 195             msgget 68 186              msgsnd 69 189
msgrcv 70 188             msgctl 71 187             semget 64 190              semop 65 193
semctl 66 191             semtimedop 220 192        mq_open 240 180            mq_unlink 241 181
"""
UNSEEN_BY_LANDLOCK = """
chmod 90 -                fchmod 91 52              fchmodat 268 53            fchmodat2 452 452
chown 92 -                fchown 93 55              lchown 94 -                fchownat 260 54
setxattr 188 5            lsetxattr 189 6           fsetxattr 190 7            setxattrat 463 463
removexattr 197 14        lremovexattr 198 15       fremovexattr 199 16        removexattrat 466 466
utime 132 -               utimes 235 -              futimesat 261 -            utimensat 280 88
file_setattr 469 469      inotify_init 253 -        inotify_init1 294 26       truncate 76 45
tkill 200 130             pidfd_open 434 434        pidfd_send_signal 424 424  sched_setscheduler 144 119
sched_setparam 142 118    sched_setattr 314 274     setpriority 141 140        ioprio_set 251 30
fallocate 285 47
"""
CONDITIONAL = """
fork 57 -                 vfork 58 -                clone 56 220               clone3 435 435
socket 41 198             socketpair 53 199         ioctl 16 29                prctl 157 167
kill 62 129               tgkill 234 131            rt_sigqueueinfo 129 138    rt_tgsigqueueinfo 297 240
prlimit64 302 261         sched_setaffinity 203 122  open 2 -                  openat 257 56
openat2 437 437           fcntl 72 25
"""
NEW_USER, NEW_THREAD = 0x10000000, 0x00010000  # flags of clone
TRUNCATE, ACCESS = 0o1000, 0o3  # flags of open
UNIX, INTERNET, NETLINK, STREAM, ROUTES = 1, 2, 16, 1, 0  # of socket and socketpair
TERMINAL_INPUT, TERMINAL_PASTE = 0x5412, 0x541C  # TIOCSTI and TIOCLINUX put characters into somebody's keyboard
DIE_WITH_PARENT = 1  # of prctl
OWNER, SIGNAL, OWNER_TOO, LEASE, NOTIFY = 8, 10, 15, 1024, 1026  # of fcntl: who gets which signal when a file is ready
FILE_OWNER, SOCKET_OWNER = 0x8901, 0x8902  # the first two again, of ioctl

LOAD, EQUAL, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
AT_LEAST = 0x35
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # where the kernel keeps them
ALLOW, REFUSE = 0x7FFF0000, 0x00050000


def supported():
    return platform.machine() in ARCHITECTURES


def program(*, processes=False, alone=None):
    """The filter's bytes. `processes`: new ones may be made, and sockets between them, there being no network.

    alone: the program's own process number, where it shares the machine with everybody else's.
    """
    numbers, code = table(NEVER + CONDITIONAL), []
    code += [*load(ARCHITECTURE), (EQUAL, 1, 0, ARCHITECTURES[platform.machine()]), *refuse(errno.ENOSYS)]
    code += [*load(NUMBER), (AT_LEAST, 0, 1, NEWEST), *refuse(errno.ENOSYS)]  # among them the calls of the x32 kind
    for name in table(NEVER):
        code += block(numbers[name], refuse(errno.EPERM))
    for name, rule in rules(processes).items():
        code += block(numbers.get(name), rule)
    if alone is not None:
        more = table(UNSEEN_BY_LANDLOCK)
        for name in more:
            code += block(more[name], refuse(errno.EPERM))
        for name, rule in rules_among_others(alone).items():
            code += block(numbers.get(name), rule)
    code += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def rules(processes):
    """{call: what is looked at}; libc does with clone what it cannot do with clone3, whose flags no filter can see."""
    # A notebook's kernel binds one port for its own children, and ZeroMQ asks which addresses there are.
    among_themselves = unless_one_of(0, (UNIX, INTERNET, NETLINK), errno.EAFNOSUPPORT)
    asks_for_more = unless_equal(2, ROUTES, errno.EPROTONOSUPPORT)
    among_themselves += [*load(ARGUMENTS), (EQUAL, 0, len(asks_for_more), NETLINK), *asks_for_more]
    made = if_any_bit(0, NEW_USER, errno.EPERM) if processes else if_no_bit(0, NEW_THREAD, errno.EPERM)
    found = {
        "clone3": refuse(errno.ENOSYS),
        "clone": [*if_any_bit(0, NEW_USER, errno.EPERM), *made],
        "ioctl": if_one_of(1, (TERMINAL_INPUT, TERMINAL_PASTE), errno.EPERM),
        "socket": among_themselves if processes else refuse(errno.EACCES),
        "socketpair": unless_equal(0, UNIX, errno.EAFNOSUPPORT),
    }
    if not processes:
        found |= {"fork": refuse(errno.EPERM), "vfork": refuse(errno.EPERM)}
        # A pair of datagram sockets could still send to a third; a pair of streams cannot. Flags are in the high bits.
        found["socketpair"] += [*load(ARGUMENTS + 8), (AND, 0, 0, 0xF), (EQUAL, 1, 0, STREAM), *refuse(errno.EACCES)]
    return found


def rules_among_others(pid):
    """{call: what is looked at} where other processes of the same user are in reach."""
    only_itself = unless_equal(0, pid, errno.EPERM)
    itself_or_zero = unless_one_of(0, (0, pid), errno.EPERM)
    return {
        "prctl": if_equal(0, DIE_WITH_PARENT, errno.EPERM),
        "kill": only_itself,
        "tgkill": only_itself,
        "rt_sigqueueinfo": only_itself,
        "rt_tgsigqueueinfo": only_itself,
        "prlimit64": itself_or_zero,
        "sched_setaffinity": itself_or_zero,
        "fcntl": if_one_of(1, (OWNER, SIGNAL, OWNER_TOO, LEASE, NOTIFY), errno.EPERM),
        "ioctl": if_one_of(1, (FILE_OWNER, SOCKET_OWNER), errno.EPERM),
        # Emptying a file needs the right to write, which early versions of Landlock look for in another flag only.
        "open": if_read_and_truncate(1),
        "openat": if_read_and_truncate(2),
        "openat2": refuse(errno.ENOSYS),
    }


# ---- blocks ----


def table(text):
    """{name: number on this machine}, without the calls that it has not."""
    words = text.split()
    column = 1 if platform.machine() == "x86_64" else 2
    named = zip(words[0::3], words[column::3])
    return {name: int(number) for name, number in named if number != "-"}


def block(number, rule):
    """A rule for one call; after it the call's number is at hand again."""
    if number is None:
        return []
    rule = [*rule, *load(NUMBER)]
    return [(EQUAL, 0, len(rule), number), *rule]


def load(offset):
    return [(LOAD, 0, 0, offset)]


def refuse(error):
    return [(RETURN, 0, 0, REFUSE | error)]


def if_equal(argument, value, error):
    return [*load(ARGUMENTS + 8 * argument), (EQUAL, 0, 1, value), *refuse(error)]


def unless_equal(argument, value, error):
    return [*load(ARGUMENTS + 8 * argument), (EQUAL, 1, 0, value), *refuse(error)]


def if_one_of(argument, values, error):
    tests = [(EQUAL, len(values) - 1 - i, 0, value) for i, value in enumerate(values)]
    tests[-1] = (EQUAL, 0, 1, values[-1])
    return [*load(ARGUMENTS + 8 * argument), *tests, *refuse(error)]


def unless_one_of(argument, values, error):
    tests = [(EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [*load(ARGUMENTS + 8 * argument), *tests, *refuse(error)]


def if_any_bit(argument, bits, error):
    return [*load(ARGUMENTS + 8 * argument), (ANY_BIT, 0, 1, bits), *refuse(error)]


def if_no_bit(argument, bits, error):
    return [*load(ARGUMENTS + 8 * argument), (ANY_BIT, 1, 0, bits), *refuse(error)]


def if_read_and_truncate(argument):
    wanted = TRUNCATE | ACCESS
    return [*load(ARGUMENTS + 8 * argument), (AND, 0, 0, wanted), (EQUAL, 0, 1, TRUNCATE), *refuse(errno.EPERM)]
