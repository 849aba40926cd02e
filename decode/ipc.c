/* SPDX-License-Identifier: MIT
 *
 * System V IPC: operations on semaphores, messages, and what is known of sets, queues and segments.
 */
#include "decode_ipc.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum {
    SEMBUF_SIZE = 6,
    COMMAND_MASK = ~0x100, /* without IPC_64, which says how structures look that nobody has any more */
};

static void show_sembuf(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct members members = members_of(decoding, element);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "sem_num", take_u16(&members));
    show_signed(decoding, "sem_op", (int16_t)take_u16(&members));
    show_set(decoding, "sem_flg", A_SEM_FLAGS, take_u16(&members));
    show_close(decoding, "}");
}

void decode_sembufs(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, (uint32_t)referenced(decoding), SEMBUF_SIZE, show_sembuf, NULL);
}

/* Whether as much can be read there as would be shown. */
static bool is_readable(struct decoding *decoding, uint64_t address, uint64_t length) {
    uint32_t have;
    bool cut;
    return !length ||
           (memory_some(decoding, address, length, CAPTURE_TO_LIMIT, &have, &cut) && (cut || have == length));
}

void decode_message(struct decoding *decoding, uint64_t address) {
    uint64_t length = referenced(decoding);
    unsigned size = word_bytes(decoding);
    /* strace reads a struct msgbuf, in which the text begins. */
    const uint8_t *type = memory_at(decoding, address, (size_t)2 * size);
    if (!type || !is_readable(decoding, address + size, length)) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_signed(decoding, "mtype", signed_in(type, size));
    if (length) {
        show_buffer_at(decoding, "mtext", address + size, length);
    } else {
        show_bytes(decoding, "mtext", type, 0);
    }
    show_close(decoding, "}");
}

/* ------------------------------------------------------------------- what is known */

/* uapi/asm-generic/ipcbuf.h: who may use it, and who has made it. Both architectures have the same members first. */
static void show_permissions(struct decoding *decoding, const char *name, struct members *members, bool is_set) {
    uint32_t key = take_u32(members);
    uint32_t user = take_u32(members);
    uint32_t group = take_u32(members);
    uint32_t creator = take_u32(members);
    uint32_t creator_group = take_u32(members);
    bool is_i386 = members->arch == ARCH_I386;
    uint32_t mode = is_i386 ? take_u16(members) : take_u32(members);
    members->at = is_i386 ? 36 : 48;
    show_open(decoding, name, "{");
    show_id(decoding, "uid", user);
    show_id(decoding, "gid", group);
    show_octal(decoding, "mode", mode);
    if (!is_set) {
        show_hex(decoding, "key", key);
        show_id(decoding, "cuid", creator);
        show_id(decoding, "cgid", creator_group);
    }
    show_close(decoding, "}");
}

/* A time, which on i386 has its upper half behind it; strace shows the lower. */
static void show_ipc_time(struct decoding *decoding, const char *name, struct members *members) {
    if (members->arch == ARCH_I386) {
        show_moment(decoding, name, take_u32(members));
        take_u32(members);
    } else {
        show_moment(decoding, name, take_u64(members));
    }
}

/* uapi/asm-generic/msgbuf.h */
static void show_queue(struct decoding *decoding, struct members members, bool is_set) {
    show_permissions(decoding, "msg_perm", &members, is_set);
    if (is_set) {
        members.at = decoding->arch == ARCH_I386 ? 68 : 88;
        show_unsigned(decoding, "msg_qbytes", take_word(&members));
        return;
    }
    show_ipc_time(decoding, "msg_stime", &members);
    show_ipc_time(decoding, "msg_rtime", &members);
    show_ipc_time(decoding, "msg_ctime", &members);
    take_word(&members); /* bytes that are in it */
    show_unsigned(decoding, "msg_qnum", take_word(&members));
    show_unsigned(decoding, "msg_qbytes", take_word(&members));
    show_process(decoding, "msg_lspid", take_i32(&members));
    show_process(decoding, "msg_lrpid", take_i32(&members));
}

/* uapi/asm/sembuf.h */
static void show_semaphores(struct decoding *decoding, struct members members, bool is_set) {
    show_permissions(decoding, "sem_perm", &members, is_set);
    if (is_set) {
        return;
    }
    bool is_i386 = decoding->arch == ARCH_I386;
    show_ipc_time(decoding, "sem_otime", &members);
    members.at = is_i386 ? 44 : 64;
    show_ipc_time(decoding, "sem_ctime", &members);
    members.at = is_i386 ? 52 : 80;
    show_unsigned(decoding, "sem_nsems", take_word(&members));
}

/* uapi/asm/shmbuf.h */
static void show_segment(struct decoding *decoding, struct members members, bool is_set) {
    show_permissions(decoding, "shm_perm", &members, is_set);
    if (is_set) {
        return;
    }
    bool is_i386 = decoding->arch == ARCH_I386;
    uint64_t size = take_word(&members);
    struct members times = members;
    members.at = is_i386 ? 64 : 80;
    show_unsigned(decoding, "shm_segsz", size);
    show_process(decoding, "shm_cpid", take_i32(&members));
    show_process(decoding, "shm_lpid", take_i32(&members));
    show_unsigned(decoding, "shm_nattch", take_word(&members));
    show_ipc_time(decoding, "shm_atime", &times);
    show_ipc_time(decoding, "shm_dtime", &times);
    show_ipc_time(decoding, "shm_ctime", &times);
}

/* ------------------------------------------------------------------- limits and use */

static void show_ints(struct decoding *decoding, struct members *members, const char *const *names, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        show_signed(decoding, names[i], take_i32(members));
    }
}

static void show_words_of(struct decoding *decoding, struct members *members, const char *const *names,
                          unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        show_unsigned(decoding, names[i], take_word(members));
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void show_msginfo(struct decoding *decoding, struct members members, bool is_set) {
    static const char *const names[] = {"msgpool", "msgmap", "msgmax", "msgmnb", "msgmni", "msgssz", "msgtql"};
    (void)is_set;
    show_ints(decoding, &members, names, COUNT(names));
    show_unsigned(decoding, "msgseg", take_u16(&members));
}

static void show_seminfo(struct decoding *decoding, struct members members, bool is_set) {
    static const char *const names[] = {"semmap", "semmni", "semmns", "semmnu", "semmsl",
                                        "semopm", "semume", "semusz", "semvmx", "semaem"};
    (void)is_set;
    show_ints(decoding, &members, names, COUNT(names));
}

static void show_shminfo(struct decoding *decoding, struct members members, bool is_set) {
    static const char *const names[] = {"shmmax", "shmmin", "shmmni", "shmseg", "shmall"};
    (void)is_set;
    show_words_of(decoding, &members, names, COUNT(names));
}

static void show_shm_info(struct decoding *decoding, struct members members, bool is_set) {
    static const char *const names[] = {"shm_tot", "shm_rss", "shm_swp", "swap_attempts", "swap_successes"};
    (void)is_set;
    show_signed(decoding, "used_ids", take_i32(&members));
    show_words_of(decoding, &members, names, COUNT(names));
}

/* ------------------------------------------------------------------------- commands */

/* What a command of msgctl, semctl or shmctl has a pointer to. */
struct ipc_structure {
    uint8_t size[ARCH_COUNT];
    void (*show)(struct decoding *decoding, struct members members, bool is_set);
};

static const struct ipc_structure queue = {{120, 88}, show_queue};
static const struct ipc_structure semaphores = {{104, 64}, show_semaphores};
static const struct ipc_structure segment = {{112, 84}, show_segment};
static const struct ipc_structure message_limits = {{32, 32}, show_msginfo};
static const struct ipc_structure semaphore_limits = {{40, 40}, show_seminfo};
static const struct ipc_structure segment_limits = {{72, 36}, show_shminfo};
static const struct ipc_structure segment_use = {{48, 24}, show_shm_info};

static void show_ipc(struct decoding *decoding, uint64_t address, const struct ipc_structure *structure, bool is_set) {
    const uint8_t *bytes = NULL;
    if (structure && is_set) {
        look_back(decoding, true);
        bytes = is_read_at_exit(decoding) ? NULL : memory_at(decoding, address, structure->size[decoding->arch]);
        look_back(decoding, false);
    } else if (structure && decoding->delivered) {
        bytes = memory_at(decoding, address, structure->size[decoding->arch]);
    }
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    structure->show(decoding, members_of(decoding, bytes), is_set);
    show_close(decoding, "}");
}

static int command_of(const struct decoding *decoding) {
    return (int)referenced(decoding) & COMMAND_MASK;
}

void decode_msg_value(struct decoding *decoding, uint64_t address) {
    switch (command_of(decoding)) {
    case IPC_SET:
        show_ipc(decoding, address, &queue, true);
        break;
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY:
        show_ipc(decoding, address, &queue, false);
        break;
    case IPC_INFO:
    case MSG_INFO:
        show_ipc(decoding, address, &message_limits, false);
        break;
    default:
        show_ipc(decoding, address, NULL, false);
        break;
    }
}

void decode_sem_value(struct decoding *decoding, uint64_t address) {
    switch (command_of(decoding)) {
    case IPC_SET:
        show_ipc(decoding, address, &semaphores, true);
        break;
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        show_ipc(decoding, address, &semaphores, false);
        break;
    case IPC_INFO:
    case SEM_INFO:
        show_ipc(decoding, address, &semaphore_limits, false);
        break;
    default:
        show_ipc(decoding, address, NULL, false);
        break;
    }
}

void decode_shm_value(struct decoding *decoding, uint64_t address) {
    switch (command_of(decoding)) {
    case IPC_SET:
        show_ipc(decoding, address, &segment, true);
        break;
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        show_ipc(decoding, address, &segment, false);
        break;
    case IPC_INFO:
        show_ipc(decoding, address, &segment_limits, false);
        break;
    case SHM_INFO:
        show_ipc(decoding, address, &segment_use, false);
        break;
    default:
        show_ipc(decoding, address, NULL, false);
        break;
    }
}
