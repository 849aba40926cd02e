/* SPDX-License-Identifier: MIT
 *
 * System V IPC and message queues.
 */
#include "decoding_world.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

enum {
    I386_IPC = 117,
    I386_MQ_OPEN = 277,
    I386_SEMCTL = 394,
    I386_SHMCTL = 396,
    I386_MSGSND = 400,
    I386_MSGCTL = 402,
    NEW_LAYOUT = 0x100, /* IPC_64 */
};

/* Words of 4 bytes, which count up. */
static void put_numbers(struct decoding_world *world, uint64_t address, unsigned count) {
    for (uint32_t i = 0; i < count; i++) {
        world_put(world, address + 4 * i, &(uint32_t){i + 1}, sizeof(uint32_t));
    }
}

static void test_semop(void **state) {
    struct decoding_world *world = *state;
    static const struct sembuf operations[] = {{1, -2, SEM_UNDO | IPC_NOWAIT}, {2, 3, 4}};
    uint64_t place = WORLD_HOLE - sizeof(operations);
    world_put(world, place, operations, sizeof(operations));
    world_enter(world, ARCH_X86_64, SYS_semop, ARGS(7, place, 2));
    world_shows(world, "semop(7, [{sem_num=1, sem_op=-2, sem_flg=SEM_UNDO|IPC_NOWAIT}, {sem_num=2, sem_op=3, "
                       "sem_flg=0x4 /* SEM_??? */}], 2) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_semop, ARGS(7, place + 6, 2));
    world_shows(world, "semop(7, [{sem_num=2, sem_op=3, sem_flg=0x4 /* SEM_??? */}, ... /* 0x12000 */], 2) = ? "
                       "<unavailable>");
    world_enter(world, ARCH_X86_64, SYS_semop, ARGS(7, place, 0));
    world_shows(world, "semop(7, [], 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_semop, ARGS(7, WORLD_NOWHERE, UINT32_MAX));
    world_shows(world, "semop(7, 0x900000, 4294967295) = ? <unavailable>");
    uint64_t timeout[] = {1, 2};
    world_put(world, WORLD_BASE, timeout, sizeof(timeout));
    world_enter(world, ARCH_X86_64, SYS_semtimedop, ARGS(7, 0, 1, WORLD_BASE));
    world_shows(world, "semtimedop(7, NULL, 1, {tv_sec=1, tv_nsec=2}) = ? <unavailable>");
    world->options.vector_limit = 1;
    world_enter(world, ARCH_I386, I386_IPC, ARGS(1, 7, 2, 0, place));
    world_shows(world,
                "ipc(SEMOP, 7, [{sem_num=1, sem_op=-2, sem_flg=SEM_UNDO|IPC_NOWAIT}, ...], 2) = ? <unavailable>");
}

static void test_messages(void **state) {
    struct decoding_world *world = *state;
    struct {
        int64_t type;
        char text[40];
    } message = {-5, "hello"};
    world_put(world, WORLD_BASE, &message, sizeof(message));
    world_enter(world, ARCH_X86_64, SYS_msgsnd, ARGS(7, WORLD_BASE, 5, IPC_NOWAIT));
    world_shows(world, "msgsnd(7, {mtype=-5, mtext=\"hello\"}, 5, IPC_NOWAIT) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_msgsnd, ARGS(7, WORLD_BASE, 0, 0));
    world_shows(world, "msgsnd(7, {mtype=-5, mtext=\"\"}, 0, 0) = ? <unavailable>");
    world->options.string_limit = 3;
    world_enter(world, ARCH_X86_64, SYS_msgsnd, ARGS(7, WORLD_BASE, UINT64_MAX, 0));
    world_shows(world, "msgsnd(7, {mtype=-5, mtext=\"hel\"...}, 18446744073709551615, 0) = ? <unavailable>");
    world_put(world, WORLD_BASE, &(int32_t){9}, sizeof(int32_t));
    world_put(world, WORLD_BASE + 4, "abc", 3);
    world_enter(world, ARCH_I386, I386_MSGSND, ARGS(7, WORLD_BASE, 3, 0));
    world_shows(world, "msgsnd(7, {mtype=9, mtext=\"abc\"}, 3, 0) = ? <unavailable>");
    world->options.string_limit = 32;
    world_enter(world, ARCH_X86_64, SYS_msgsnd, ARGS(7, WORLD_HOLE - 16, 9, 0));
    world_shows(world, "msgsnd(7, 0x11ff0, 9, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_msgsnd, ARGS(7, WORLD_HOLE - 8, 0, 0));
    world_shows(world, "msgsnd(7, 0x11ff8, 0, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_msgrcv, ARGS(7, WORLD_BASE, 7, 0, 0));
    world_put(world, WORLD_BASE, &message, sizeof(message));
    world_return(world, 5);
    world_shows(world, "msgrcv(7, {mtype=-5, mtext=\"hello\\0\\0\"}, 7, 0, 0) = 5");
    world_return(world, -ENOMSG);
    world_shows(world, "msgrcv(7, 0x10000, 7, 0, 0) = -1 ENOMSG (No message of desired type)");
}

static void test_queues(void **state) {
    struct decoding_world *world = *state;
    put_numbers(world, WORLD_BASE, 30);
    world_enter(world, ARCH_X86_64, SYS_msgctl, ARGS(7, IPC_SET, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "msgctl(7, IPC_SET, {msg_perm={uid=2, gid=3, mode=006}, msg_qbytes=103079215127}) = 0");
    world_return(world, -EPERM);
    world_shows(world, "msgctl(7, IPC_SET, {msg_perm={uid=2, gid=3, mode=006}, msg_qbytes=103079215127}) = -1 EPERM "
                       "(Operation not permitted)");
    world_enter(world, ARCH_I386, I386_MSGCTL, ARGS(7, NEW_LAYOUT | IPC_STAT, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "msgctl(7, IPC_64|IPC_STAT, {msg_perm={uid=2, gid=3, mode=006, key=0x1, cuid=4, cgid=5}, "
                       "msg_stime=10, msg_rtime=12, msg_ctime=14, msg_qnum=17, msg_qbytes=18, msg_lspid=19, "
                       "msg_lrpid=20}) = 0");
    world_return(world, -EINVAL);
    world_shows(world, "msgctl(7, IPC_64|IPC_STAT, 0x10000) = -1 EINVAL (Invalid argument)");
    world_enter(world, ARCH_X86_64, SYS_msgctl, ARGS(7, MSG_INFO, WORLD_BASE));
    world_return(world, 3);
    world_shows(world, "msgctl(7, MSG_INFO, {msgpool=1, msgmap=2, msgmax=3, msgmnb=4, msgmni=5, msgssz=6, msgtql=7, "
                       "msgseg=8}) = 3");
    world_enter(world, ARCH_X86_64, SYS_msgctl, ARGS(7, IPC_RMID, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "msgctl(7, IPC_RMID, 0x10000) = 0");
    world_enter(world, ARCH_X86_64, SYS_msgctl, ARGS(7, IPC_SET, WORLD_HOLE - 119));
    world_shows(world, "msgctl(7, IPC_SET, 0x11f89) = ? <unavailable>");
}

static void test_semaphores(void **state) {
    struct decoding_world *world = *state;
    put_numbers(world, WORLD_BASE, 30);
    world_enter(world, ARCH_X86_64, SYS_semctl, ARGS(7, 1, SEM_STAT, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "semctl(7, 1, SEM_STAT, {sem_perm={uid=2, gid=3, mode=006, key=0x1, cuid=4, cgid=5}, "
                       "sem_otime=60129542157, sem_ctime=77309411345, sem_nsems=94489280533}) = 0");
    world_enter(world, ARCH_I386, I386_SEMCTL, ARGS(7, 1, IPC_STAT, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "semctl(7, 1, IPC_STAT, {sem_perm={uid=2, gid=3, mode=006, key=0x1, cuid=4, cgid=5}, "
                       "sem_otime=10, sem_ctime=12, sem_nsems=14}) = 0");
    world_enter(world, ARCH_X86_64, SYS_semctl, ARGS(7, 1, IPC_SET, WORLD_BASE));
    world_shows(world, "semctl(7, 1, IPC_SET, {sem_perm={uid=2, gid=3, mode=006}}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_semctl, ARGS(7, 1, SEM_INFO, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "semctl(7, 1, SEM_INFO, {semmap=1, semmni=2, semmns=3, semmnu=4, semmsl=5, semopm=6, semume=7, "
                       "semusz=8, semvmx=9, semaem=10}) = 0");
    world_enter(world, ARCH_X86_64, SYS_semctl, ARGS(7, 1, SETVAL, 2));
    world_return(world, 0);
    world_shows(world, "semctl(7, 1, SETVAL, 0x2) = 0");
    world_enter(world, ARCH_X86_64, SYS_semctl, ARGS(7, 1, IPC_STAT, WORLD_HOLE - 100));
    world_return(world, 0);
    world_shows(world, "semctl(7, 1, IPC_STAT, 0x11f9c) = 0");
}

static void test_segments(void **state) {
    struct decoding_world *world = *state;
    put_numbers(world, WORLD_BASE, 30);
    world_enter(world, ARCH_I386, I386_SHMCTL, ARGS(7, SHM_STAT, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "shmctl(7, SHM_STAT, {shm_perm={uid=2, gid=3, mode=006, key=0x1, cuid=4, cgid=5}, shm_segsz=10, "
                       "shm_cpid=17, shm_lpid=18, shm_nattch=19, shm_atime=11, shm_dtime=13, shm_ctime=15}) = 0");
    uint64_t words[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    world_put(world, WORLD_BASE, words, sizeof(words));
    world_enter(world, ARCH_X86_64, SYS_shmctl, ARGS(7, IPC_STAT, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "shmctl(7, IPC_STAT, {shm_perm={uid=0, gid=2, mode=000, key=0x1, cuid=0, cgid=3}, shm_segsz=7, "
                       "shm_cpid=11, shm_lpid=0, shm_nattch=12, shm_atime=8, shm_dtime=9, shm_ctime=10}) = 0");
    world_enter(world, ARCH_X86_64, SYS_shmctl, ARGS(7, IPC_INFO, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "shmctl(7, IPC_INFO, {shmmax=1, shmmin=2, shmmni=3, shmseg=4, shmall=5}) = 0");
    world_enter(world, ARCH_X86_64, SYS_shmctl, ARGS(7, SHM_INFO, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "shmctl(7, SHM_INFO, {used_ids=1, shm_tot=2, shm_rss=3, shm_swp=4, swap_attempts=5, "
                       "swap_successes=6}) = 0");
    world_enter(world, ARCH_X86_64, SYS_shmctl, ARGS(7, IPC_STAT, WORLD_NOWHERE));
    world_return(world, 0);
    world_shows(world, "shmctl(7, IPC_STAT, 0x900000) = 0");
}

static void test_message_queues(void **state) {
    struct decoding_world *world = *state;
    struct mq_attr attributes = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 2, .mq_msgsize = -1, .mq_curmsgs = 4};
    world_put_string(world, WORLD_OTHER, "q");
    world_put(world, WORLD_BASE, &attributes, sizeof(attributes));
    world_enter(world, ARCH_X86_64, SYS_mq_open, ARGS(WORLD_OTHER, O_RDWR | O_CREAT, 0600, WORLD_BASE));
    world_shows(world, "mq_open(\"q\", O_RDWR|O_CREAT, 0600, {mq_flags=0x800, mq_maxmsg=2, mq_msgsize=-1, "
                       "mq_curmsgs=4}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_mq_open, ARGS(WORLD_OTHER, O_RDWR, 0600, WORLD_BASE));
    world_shows(world, "mq_open(\"q\", O_RDWR) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_mq_getsetattr, ARGS(5, WORLD_BASE, WORLD_BASE));
    attributes.mq_flags = 0x1000;
    world_put(world, WORLD_BASE, &attributes, sizeof(attributes));
    world_return(world, 0);
    world_shows(world, "mq_getsetattr(5, {mq_flags=O_NONBLOCK, mq_maxmsg=2, mq_msgsize=-1, mq_curmsgs=4}, "
                       "{mq_flags=0x1000 /* O_??? */, mq_maxmsg=2, mq_msgsize=-1, mq_curmsgs=4}) = 0");
    int32_t i386[8] = {0, 2, 3, 4};
    world_put(world, WORLD_BASE, i386, sizeof(i386));
    world_enter(world, ARCH_I386, I386_MQ_OPEN, ARGS(WORLD_OTHER, O_CREAT, 0600, WORLD_BASE));
    world_shows(world,
                "mq_open(\"q\", O_RDONLY|O_CREAT, 0600, {mq_flags=0, mq_maxmsg=2, mq_msgsize=3, mq_curmsgs=4}) = "
                "? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_mq_timedreceive, ARGS(5, WORLD_BASE, 4096, WORLD_OTHER + 8, 0));
    world_put_string(world, WORLD_BASE, "hello");
    world_put(world, WORLD_OTHER + 8, &(unsigned){UINT32_MAX}, sizeof(unsigned));
    world_return(world, 5);
    world_shows(world, "mq_timedreceive(5, \"hello\", 4096, [4294967295], NULL) = 5");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_semop),      WORLD_TEST(test_messages), WORLD_TEST(test_queues),
        WORLD_TEST(test_semaphores), WORLD_TEST(test_segments), WORLD_TEST(test_message_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
