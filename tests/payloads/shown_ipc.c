/* SPDX-License-Identifier: MIT
 *
 * System V IPC and message queues, as they are shown: see shown.h.
 */
#include "shown.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

/* The end of memory. */
static char *end_of_memory(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + page, page);
    return pages + page;
}

static void semaphores(void) {
    struct sembuf operations[] = {{0, 1, SEM_UNDO}, {1, 2, IPC_NOWAIT}, {2, -3, SEM_UNDO | IPC_NOWAIT}};
    struct timespec second = {1, 0};
    char *end = end_of_memory();
    int set = semget(IPC_PRIVATE, 3, IPC_CREAT | 0640);
    shown(syscall(SYS_semop, set, operations, 2),
          "semop(%d, [{sem_num=0, sem_op=1, sem_flg=SEM_UNDO}, {sem_num=1, sem_op=2, sem_flg=IPC_NOWAIT}], 2)", set);
    shown(syscall(SYS_semtimedop, set, operations + 2, 1, &second),
          "semtimedop(%d, [{sem_num=2, sem_op=-3, sem_flg=SEM_UNDO|IPC_NOWAIT}], 1, {tv_sec=1, tv_nsec=0})", set);
    memcpy(end - sizeof(operations[0]), operations, sizeof(operations[0]));
    shown(syscall(SYS_semop, set, end - sizeof(operations[0]), 2),
          "semop(%d, [{sem_num=0, sem_op=1, sem_flg=SEM_UNDO}, ... /* %p */], 2)", set, (void *)end);
    shown(syscall(SYS_semop, set, 8, 1), "semop(%d, 0x8, 1)", set);
    shown(syscall(SYS_semop, set, operations, 0), "semop(%d, [], 0)", set);
    struct semid_ds known;
    struct seminfo limits;
    syscall(SYS_semctl, set, 0, IPC_STAT, &known);
    shown(0,
          "semctl(%d, 0, IPC_STAT, {sem_perm={uid=%u, gid=%u, mode=0640, key=0, cuid=%u, cgid=%u}, sem_otime=%ld, "
          "sem_ctime=%ld, sem_nsems=3})",
          set, known.sem_perm.uid, known.sem_perm.gid, known.sem_perm.cuid, known.sem_perm.cgid, (long)known.sem_otime,
          (long)known.sem_ctime);
    shown(syscall(SYS_semctl, set, 0, IPC_SET, &known),
          "semctl(%d, 0, IPC_SET, {sem_perm={uid=%u, gid=%u, mode=0640}})", set, known.sem_perm.uid,
          known.sem_perm.gid);
    long result = syscall(SYS_semctl, 0, 0, IPC_INFO, &limits);
    shown(result,
          "semctl(0, 0, IPC_INFO, {semmap=%d, semmni=%d, semmns=%d, semmnu=%d, semmsl=%d, semopm=%d, semume=%d, "
          "semusz=%d, semvmx=%d, semaem=%d})",
          limits.semmap, limits.semmni, limits.semmns, limits.semmnu, limits.semmsl, limits.semopm, limits.semume,
          limits.semusz, limits.semvmx, limits.semaem);
    shown(syscall(SYS_semctl, set, 1, SETVAL, 5), "semctl(%d, 1, SETVAL, 0x5)", set);
    shown(syscall(SYS_semctl, set, 1, IPC_STAT, 8), "semctl(%d, 1, IPC_STAT, 0x8)", set);
    shown(syscall(SYS_semctl, set, 0, IPC_RMID, NULL), "semctl(%d, 0, IPC_RMID, NULL)", set);
}

static void queues(void) {
    struct {
        long type;
        char text[64];
    } message = {5, "hello"}, answer = {0};
    char *end = end_of_memory();
    int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    shown(syscall(SYS_msgsnd, queue, &message, 6, IPC_NOWAIT),
          "msgsnd(%d, {mtype=5, mtext=\"hello\\0\"}, 6, IPC_NOWAIT)", queue);
    shown(syscall(SYS_msgsnd, -1, &message, 0, 0), "msgsnd(-1, {mtype=5, mtext=\"\"}, 0, 0)");
    shown(syscall(SYS_msgsnd, -1, end - 8, 1, 0), "msgsnd(-1, %p, 1, 0)", (void *)(end - 8));
    shown(syscall(SYS_msgrcv, queue, &answer, sizeof(answer.text) - 55, 0, 0),
          "msgrcv(%d, {mtype=5, mtext=\"hello\\0\\0\\0\\0\"}, 9, 0, 0)", queue);
    shown(syscall(SYS_msgrcv, queue, &answer, 9, -1L, IPC_NOWAIT), "msgrcv(%d, %p, 9, -1, IPC_NOWAIT)", queue,
          (void *)&answer);
    struct msqid_ds known;
    syscall(SYS_msgctl, queue, IPC_STAT, &known);
    shown(0,
          "msgctl(%d, IPC_STAT, {msg_perm={uid=%u, gid=%u, mode=0600, key=0, cuid=%u, cgid=%u}, msg_stime=%ld, "
          "msg_rtime=%ld, msg_ctime=%ld, msg_qnum=0, msg_qbytes=%lu, msg_lspid=%d, msg_lrpid=%d})",
          queue, known.msg_perm.uid, known.msg_perm.gid, known.msg_perm.cuid, known.msg_perm.cgid,
          (long)known.msg_stime, (long)known.msg_rtime, (long)known.msg_ctime, known.msg_qbytes, (int)getpid(),
          (int)getpid());
    known.msg_qbytes = 100;
    shown(syscall(SYS_msgctl, queue, IPC_SET, &known),
          "msgctl(%d, IPC_SET, {msg_perm={uid=%u, gid=%u, mode=0600}, msg_qbytes=100})", queue, known.msg_perm.uid,
          known.msg_perm.gid);
    shown(syscall(SYS_msgctl, queue, IPC_STAT, 8), "msgctl(%d, IPC_STAT, 0x8)", queue);
    shown(syscall(SYS_msgctl, queue, IPC_RMID, NULL), "msgctl(%d, IPC_RMID, NULL)", queue);
}

static void segments(void) {
    int segment = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
    struct shmid_ds known;
    struct shminfo limits;
    syscall(SYS_shmctl, segment, IPC_STAT, &known);
    shown(0,
          "shmctl(%d, IPC_STAT, {shm_perm={uid=%u, gid=%u, mode=0600, key=0, cuid=%u, cgid=%u}, shm_segsz=5000, "
          "shm_cpid=%d, shm_lpid=0, shm_nattch=0, shm_atime=0, shm_dtime=0, shm_ctime=%ld})",
          segment, known.shm_perm.uid, known.shm_perm.gid, known.shm_perm.cuid, known.shm_perm.cgid, (int)getpid(),
          (long)known.shm_ctime);
    long result = syscall(SYS_shmctl, 0, IPC_INFO, &limits);
    shown(result, "shmctl(0, IPC_INFO, {shmmax=%lu, shmmin=%lu, shmmni=%lu, shmseg=%lu, shmall=%lu})", limits.shmmax,
          limits.shmmin, limits.shmmni, limits.shmseg, limits.shmall);
    shown(syscall(SYS_shmctl, segment, IPC_SET, &known), "shmctl(%d, IPC_SET, {shm_perm={uid=%u, gid=%u, mode=0600}})",
          segment, known.shm_perm.uid, known.shm_perm.gid);
    shown(syscall(SYS_shmctl, segment, IPC_RMID, 8), "shmctl(%d, IPC_RMID, 0x8)", segment);
}

static void message_queues(void) {
    static const char name[] = "renacer-shown-ipc";
    struct mq_attr attributes = {.mq_flags = O_NONBLOCK, .mq_maxmsg = 2, .mq_msgsize = 50, .mq_curmsgs = 4};
    struct timespec past = {1, 0};
    char text[50];
    unsigned priority;
    long queue = syscall(SYS_mq_open, name, O_RDWR | O_CREAT, 0600, &attributes);
    shown(queue, "mq_open(\"%s\", O_RDWR|O_CREAT, 0600, {mq_flags=0x800, mq_maxmsg=2, mq_msgsize=50, mq_curmsgs=4})",
          name);
    if (queue < 0) {
        return;
    }
    syscall(SYS_mq_unlink, name);
    shown(syscall(SYS_mq_open, name, O_RDWR, 0, 8), "mq_open(\"%s\", O_RDWR)", name);
    shown(
        syscall(SYS_mq_getsetattr, queue, &attributes, &attributes),
        "mq_getsetattr(%ld, {mq_flags=O_NONBLOCK, mq_maxmsg=2, mq_msgsize=50, mq_curmsgs=4}, {mq_flags=0, mq_maxmsg=2, "
        "mq_msgsize=50, mq_curmsgs=0})",
        queue);
    shown(syscall(SYS_mq_timedsend, queue, "hello", 5, 3, &past),
          "mq_timedsend(%ld, \"hello\", 5, 3, {tv_sec=1, tv_nsec=0})", queue);
    shown(syscall(SYS_mq_timedreceive, queue, text, sizeof(text), &priority, &past),
          "mq_timedreceive(%ld, \"hello\", 50, [3], {tv_sec=1, tv_nsec=0})", queue);
    shown(syscall(SYS_mq_timedreceive, queue, text, sizeof(text), &priority, NULL),
          "mq_timedreceive(%ld, %p, 50, %p, NULL)", queue, (void *)text, (void *)&priority);
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    shown(syscall(SYS_mq_notify, queue, &event), "mq_notify(%ld, {sigev_signo=0, sigev_notify=SIGEV_NONE})", queue);
}

int main(void) {
    shown_calls(
        "semop,semtimedop,semctl,msgsnd,msgrcv,msgctl,shmctl,mq_open,mq_getsetattr,mq_timedsend,mq_timedreceive,"
        "mq_notify");
    semaphores();
    queues();
    segments();
    message_queues();
    return 0;
}
