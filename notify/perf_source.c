/* SPDX-License-Identifier: MIT */
#include "perf_source.h"

#include "capability.h"
#include "cleanup.h"
#include "perf_parse.h"
#include "registers.h"
#include "tracefs.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>

/* In the order in which perf_output_sample() writes them (kernel/events/core.c). */
static const uint64_t SAMPLE_BASE = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_RAW;

/* Results that user space may see as EINTR, all others being ordinary. */
#define INTERRUPTED "(ret == -4 || (ret <= -512 && ret >= -516))"
#define ORDINARY "(ret != -4 && (ret > -512 || ret < -516))"

enum {
    PAGE = 4096,
    RING_BYTES = 1 << 22,        /* of each CPU, */
    RINGS_BYTES_MAX = 1 << 26,   /* but not more than this of all CPUs together, */
    RING_BYTES_MANY = 1 << 18,   /* unless that would leave a CPU without room for some milliseconds */
    RING_BYTES_LEAST = 1 << 15,  /* where the kernel locks no more */
    RING_BYTES_STACKS = 1 << 24, /* of each CPU, when calls have stacks */
    CALL_BYTES = 256,            /* more than the events of a call take in a ring, but for a stack */
    STACKS_PER_RING = 8,         /* at least */
    SAMPLE_RESERVE = 1024,       /* more than a sample takes beside the stack */
};

struct ring {
    int cpu;
    int fd; /* of the event that owns the ring */
    struct perf_event_mmap_page *page;
    const uint8_t *data;
    size_t size;
    uint64_t tail;      /* consumed by us */
    uint64_t *consumed; /* the same, in memory that outlives us */
    uint64_t head;      /* known to be written; read anew when it is reached */
    uint64_t time;      /* of the record at tail, once `peeked` */
    bool peeked;
    uint8_t *wrapped; /* PERF_RECORD_MOST bytes: a record that crosses the ring's end, put together */
    const struct perf_event_header *record;
};

enum {
    PLANS_MAX = 2 * PERF_CALLS_MAX + 5,
};

/* In a ring's first page, where nothing else is (struct perf_event_mmap_page): a ring that the kernel has made since
 * then has none. */
static const uint64_t OUR_RING = 0x676e6972;

static uint64_t *mark_of(const struct ring *ring) {
    return (uint64_t *)(void *)((uint8_t *)ring->page + PAGE) - 1;
}

/* Descriptors of events. */
struct event_fds {
    int *fds;
    size_t count;
};

struct perf_source {
    struct perf_plan plans[PLANS_MAX];
    unsigned plan_count;
    bool narrow;
    bool switches;
    bool format_lost;      /* PERF_FORMAT_LOST is there */
    bool build_ids;        /* mappings can tell their file's */
    size_t stack_bytes;    /* of each call; 0: neither stacks nor mappings */
    struct perf_room room; /* for what the last event refers to; empty without stacks */
    uint8_t *wrapped;      /* of all rings */
    struct ring *rings;
    uint64_t *consumed; /* of each ring, in shared memory */
    size_t consumed_bytes;
    size_t ring_count;
    struct event_fds fds;     /* that stay open */
    struct event_fds passing; /* of threads that come and go: see close_unused() */
    size_t passing_limit;     /* how many of them there may be until it is worth a look */
    bool widened;             /* some of `fds` are of a thread that was widened */
    uint64_t lost_records;
    uint64_t lost_passing; /* by events that have been closed */
};

size_t perf_ring_bytes_wanted(size_t cpus, bool stacks) {
    size_t bytes = stacks ? RING_BYTES_STACKS : RING_BYTES;
    while (bytes > RING_BYTES_MANY && bytes * cpus > RINGS_BYTES_MAX) {
        bytes /= 2;
    }
    return bytes;
}

static int open_event(const struct perf_source *source, const struct perf_plan *plan, pid_t tid, int cpu,
                      bool enabled) {
    bool first = plan == &source->plans[0];
    struct perf_event_attr attr = {
        .type = PERF_TYPE_TRACEPOINT,
        .size = sizeof(attr),
        .config = (uint64_t)plan->id,
        .sample_period = 1,
        .sample_type = SAMPLE_BASE | (plan->registers || plan->stack ? PERF_SAMPLE_REGS_USER : 0) |
                       (plan->stack ? PERF_SAMPLE_STACK_USER : 0),
        .sample_regs_user = plan->stack       ? registers_perf_unwind_mask()
                            : plan->registers ? registers_perf_mask()
                                              : 0,
        .sample_stack_user = plan->stack ? (uint32_t)source->stack_bytes : 0,
        .read_format = source->format_lost ? PERF_FORMAT_LOST : 0,
        .disabled = !enabled,
        .inherit = 1,
        /* Process records ride on one event only. */
        .comm = first,
        .comm_exec = first,
        .task = first,
        .mmap = first && source->stack_bytes,
        .mmap2 = first && source->stack_bytes,
        .build_id = first && source->stack_bytes && source->build_ids,
        .context_switch = first && source->switches,
        .sample_id_all = 1,
        .use_clockid = 1,
        .clockid = CLOCK_MONOTONIC,
        .watermark = 1,
    };
    attr.wakeup_watermark = source->ring_count ? (uint32_t)(source->rings[0].size / 8) : PAGE;
    int fd = (int)syscall(SYS_perf_event_open, &attr, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Open the planned events of one kind on a CPU; the first one's ring takes what all write. */
static int open_cpu(struct perf_source *source, struct event_fds *fds, struct ring *ring, pid_t tid, bool enabled,
                    bool widening) {
    for (unsigned i = 0; i < source->plan_count; i++) {
        const struct perf_plan *plan = &source->plans[i];
        if (plan->widening != widening) {
            continue;
        }
        auto_fd fd = open_event(source, plan, tid, ring->cpu, enabled && ring->page);
        if (fd < 0) {
            return fd;
        }
        if (ring->page && ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) < 0) {
            return -errno;
        }
        if (plan->filter && ioctl(fd, PERF_EVENT_IOC_SET_FILTER, plan->filter) < 0) {
            return -errno;
        }
        int *larger = reallocarray(fds->fds, fds->count + 1, sizeof(int));
        if (!larger) {
            return -ENOMEM;
        }
        fds->fds = larger;
        if (!ring->page) {
            void *mapped = mmap(NULL, PAGE + ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (mapped == MAP_FAILED) {
                return -errno;
            }
            ring->page = mapped;
            ring->data = (const uint8_t *)mapped + PAGE;
            ring->fd = fd;
            *mark_of(ring) = OUR_RING;
        }
        fds->fds[fds->count++] = steal_fd(&fd);
    }
    return 0;
}

/* Whether the kernel knows PERF_FORMAT_LOST. */
static bool probe_format_lost(void) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_DUMMY,
                                   .read_format = PERF_FORMAT_LOST,
                                   .disabled = 1,
                                   .exclude_kernel = 1};
    auto_fd fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return fd >= 0;
}

/* Whether the kernel knows attr.build_id (Linux 5.12). */
static bool probe_build_ids(void) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_DUMMY,
                                   .mmap = 1,
                                   .mmap2 = 1,
                                   .build_id = 1,
                                   .disabled = 1,
                                   .exclude_kernel = 1};
    auto_fd fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return fd >= 0;
}

/* Whether a ring of this size for each CPU, `cpus` of them, can be mapped now. Rings of a
 * dummy event count as much as any (kernel/events/core.c, perf_mmap()). */
static bool probe_rings(size_t bytes, size_t cpus) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_SW_DUMMY,
                                   .disabled = 1,
                                   .exclude_kernel = 1};
    auto_free void **rings = calloc(cpus, sizeof(void *));
    size_t mapped = 0;
    int error = rings ? 0 : ENOMEM;
    while (!error && mapped < cpus) {
        auto_fd fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
        rings[mapped] = fd < 0 ? MAP_FAILED : mmap(NULL, PAGE + bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        error = rings[mapped] == MAP_FAILED ? errno : 0;
        mapped += !error;
    }
    while (mapped) {
        munmap(rings[--mapped], PAGE + bytes);
    }
    /* What else goes wrong is left to the real events to say. */
    return error != EPERM;
}

/* The size that is wanted, or what the kernel lets us lock of it: perf_event_mlock_kb for each CPU
 * and RLIMIT_MEMLOCK, unless we have CAP_IPC_LOCK. To make the real events first and find out then
 * would cost tens of milliseconds at each attempt. */
static size_t fitting_ring_bytes(size_t wanted, size_t cpus) {
    size_t bytes = wanted;
    while (!capability_has(CAP_IPC_LOCK) && bytes > RING_BYTES_LEAST && !probe_rings(bytes, cpus)) {
        bytes /= 2;
    }
    return bytes;
}

/* Plan one event; either part of its filter may be NULL. -ENOMEM, or `id` if that is an error. */
static int plan_event(struct perf_source *source, enum perf_plan_kind kind, int id, const char *ids,
                      const char *condition) {
    if (id < 0) {
        return id;
    }
    bool registers = kind == PLAN_CALL_EXIT || (kind == PLAN_RAW_EXIT && strcmp(condition, INTERRUPTED) == 0);
    struct perf_plan *plan = &source->plans[source->plan_count];
    bool stack = source->stack_bytes && (kind == PLAN_RAW_ENTER || kind == PLAN_CALL_ENTER);
    *plan = (struct perf_plan){.kind = kind, .id = id, .registers = registers, .stack = stack};
    const char *first = ids ? ids : condition;
    const char *second = ids ? condition : NULL;
    if (first && asprintf(&plan->filter, second ? "(%s) && %s" : "%s", first, second) < 0) {
        plan->filter = NULL;
        return -ENOMEM;
    }
    source->plan_count++;
    return 0;
}

/* What all calls pass. The exits of interrupted calls are wanted whatever `ids` says: they tell which of
 * the interruptions that are remembered are no longer true. */
static int plan_raw(struct perf_source *source, int tracefs, const char *ids) {
    int enter = tracefs_event_id(tracefs, "raw_syscalls/sys_enter");
    int exit = tracefs_event_id(tracefs, "raw_syscalls/sys_exit");
    int status = plan_event(source, PLAN_RAW_EXIT, exit, ids, ORDINARY);
    if (status == 0) {
        status = plan_event(source, PLAN_RAW_EXIT, exit, NULL, INTERRUPTED);
    }
    if (status == 0) {
        status = plan_event(source, PLAN_RAW_ENTER, enter, ids, NULL);
    }
    return status;
}

static int plan_calls(struct perf_source *source, int tracefs, const struct perf_options *options) {
    int status = options->call_count > PERF_CALLS_MAX ? -E2BIG : 0;
    for (size_t i = 0; status == 0 && i < options->call_count; i++) {
        const struct perf_call *call = &options->calls[i];
        if (call->exit) {
            status = plan_event(source, PLAN_CALL_EXIT, tracefs_call_id(tracefs, false, call->name), NULL, NULL);
        }
        if (status == 0) {
            status = plan_event(source, PLAN_CALL_ENTER, tracefs_call_id(tracefs, true, call->name), NULL, NULL);
        }
    }
    return status;
}

static void explain_tracefs(int status, char *problem, size_t problem_size) {
    snprintf(problem, problem_size, "%s",
             status == -EACCES || status == -EPERM ? "tracefs may not be read (CAP_DAC_READ_SEARCH)"
                                                   : "the kernel has no system call tracepoints");
}

/* tracefs, owned by the caller, or -errno with a sentence in `problem`. */
static int open_tracefs(char *problem, size_t problem_size) {
    int tracefs = tracefs_open();
    if (tracefs < 0) {
        snprintf(problem, problem_size, "tracefs can neither be read nor mounted");
    }
    return tracefs;
}

int perf_source_check(char *problem, size_t problem_size) {
    auto_fd tracefs = open_tracefs(problem, problem_size);
    if (tracefs < 0) {
        return tracefs;
    }
    int id = tracefs_event_id(tracefs, "raw_syscalls/sys_enter");
    if (id < 0) {
        explain_tracefs(id, problem, problem_size);
    }
    return id < 0 ? id : 0;
}

static int plan_events(struct perf_source *source, const struct perf_options *options, char *problem,
                       size_t problem_size) {
    auto_fd tracefs = open_tracefs(problem, problem_size);
    if (tracefs < 0) {
        return tracefs;
    }
    source->narrow = options->calls != NULL;
    int status = source->narrow ? plan_calls(source, tracefs, options) : 0;
    if (status == 0 && (options->signals || source->narrow)) {
        status = plan_event(source, PLAN_SIGNAL, tracefs_event_id(tracefs, "signal/signal_deliver"), NULL, NULL);
    }
    if (status == 0 && options->signals) {
        int id = tracefs_event_id(tracefs, "signal/signal_generate");
        status = plan_event(source, PLAN_SIGNAL_SENT, id, NULL, "result == 0");
    }
    unsigned own = source->plan_count;
    if (status == 0) {
        status = plan_raw(source, tracefs, options->ids);
    }
    for (unsigned i = own; i < source->plan_count; i++) {
        source->plans[i].widening = source->narrow;
    }
    if (status < 0) {
        explain_tracefs(status, problem, problem_size);
    }
    return status;
}

/* What the source needs, but for the rings themselves. 0 or -ENOMEM; either way perf_source_destroy() frees it. */
static int allocate(struct perf_source *source, size_t cpus) {
    source->rings = calloc(cpus, sizeof(*source->rings));
    /* Memory that is never used is never there. */
    source->wrapped = calloc(cpus, PERF_RECORD_MOST);
    source->consumed_bytes = cpus * sizeof(*source->consumed);
    source->consumed = mmap(NULL, source->consumed_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool failed = !source->rings || !source->wrapped;
    if (source->stack_bytes) {
        source->room.stack = calloc(1, sizeof(struct stack_sample) + PERF_RECORD_MOST);
        source->room.mapping = calloc(1, MAPPING_BOUND);
        failed = failed || !source->room.stack || !source->room.mapping;
    }
    return failed || source->consumed == MAP_FAILED ? -ENOMEM : 0;
}

/* A ring has to have room for some samples, or events would be lost however slowly the program runs. */
static void limit_stack(struct perf_source *source, size_t ring_bytes) {
    size_t each = ring_bytes / STACKS_PER_RING;
    size_t most = each > STACK_SAMPLE_LEAST + SAMPLE_RESERVE ? each - SAMPLE_RESERVE : STACK_SAMPLE_LEAST;
    source->stack_bytes = source->stack_bytes < most ? source->stack_bytes & ~(size_t)7 : most;
}

int perf_source_create(struct perf_source **result, pid_t tid, const struct perf_options *options, char *problem,
                       size_t problem_size) {
    *result = NULL;
    struct perf_source *source = calloc(1, sizeof(*source));
    if (!source) {
        return -ENOMEM;
    }
    source->switches = options->switches;
    source->stack_bytes = options->stack_bytes;
    int status = -ENOENT;
    if (!options->calls || !capability_is_from_file()) {
        status = plan_events(source, options, problem, problem_size);
    }
    auto_raised before = capability_raise(CAPABILITY_BIT(CAP_PERFMON) | CAPABILITY_BIT(CAP_IPC_LOCK));
    size_t ring_bytes = options->ring_bytes;
    int cpus = get_nprocs_conf();
    if (status == 0) {
        source->format_lost = probe_format_lost();
        source->build_ids = source->stack_bytes && probe_build_ids();
        ring_bytes = fitting_ring_bytes(ring_bytes, (size_t)cpus);
        limit_stack(source, ring_bytes);
        status = allocate(source, (size_t)cpus);
    }
    for (int cpu = 0; status == 0 && cpu < cpus; cpu++) {
        struct ring *ring = &source->rings[source->ring_count];
        *ring = (struct ring){.cpu = cpu,
                              .fd = -1,
                              .size = ring_bytes,
                              .consumed = &source->consumed[source->ring_count],
                              .wrapped = source->wrapped + source->ring_count * PERF_RECORD_MOST};
        source->ring_count++;
        status = open_cpu(source, &source->fds, ring, tid, false, false);
        if (status == -ENODEV) { /* the CPU is offline */
            source->ring_count--;
            status = 0;
        } else if (status < 0) {
            snprintf(problem, problem_size, "perf_event_open on the system call tracepoints failed");
        }
    }
    if (status < 0) {
        perf_source_destroy(source);
        return status;
    }
    *result = source;
    return 0;
}

static void unmap_rings(struct perf_source *source) {
    for (size_t i = 0; source->rings && i < source->ring_count; i++) {
        struct ring *ring = &source->rings[i];
        if (ring->page) {
            munmap(ring->page, PAGE + ring->size);
            ring->page = NULL;
        }
    }
}

void perf_source_destroy(struct perf_source *source) {
    if (!source) {
        return;
    }
    unmap_rings(source);
    for (size_t i = 0; i < source->fds.count; i++) {
        close_fd(&source->fds.fds[i]);
    }
    for (size_t i = 0; i < source->passing.count; i++) {
        close_fd(&source->passing.fds[i]);
    }
    for (unsigned i = 0; i < source->plan_count; i++) {
        free(source->plans[i].filter);
    }
    if (source->consumed && source->consumed != MAP_FAILED) {
        munmap(source->consumed, source->consumed_bytes);
    }
    free(source->fds.fds);
    free(source->passing.fds);
    free(source->rings);
    free(source->wrapped);
    free(source->room.stack);
    free(source->room.mapping);
    free(source);
}

int perf_source_enable(struct perf_source *source) {
    for (size_t i = 0; i < source->fds.count; i++) {
        if (ioctl(source->fds.fds[i], PERF_EVENT_IOC_ENABLE, 0) < 0) {
            return -errno;
        }
    }
    return 0;
}

/* What an event could not store, if the kernel says so. */
static uint64_t lost_by(int fd) {
    uint64_t values[2] = {0, 0}; /* count, lost */
    return read(fd, values, sizeof(values)) == (ssize_t)sizeof(values) ? values[1] : 0;
}

/* Close the events of threads that have ended. An event hangs up when its thread and all who have inherited it are gone
 * (perf_poll() in kernel/events/core.c). Others of its tracepoint stay open: to close the last one takes long. A look
 * may swallow a ring's wake-up, but the rings are being read now, and will be soon again. */
static void close_unused(struct perf_source *source) {
    enum {
        LEAST = 64,
    };
    struct event_fds *passing = &source->passing;
    if (passing->count < source->passing_limit) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < passing->count; i++) {
        struct pollfd event = {.fd = passing->fds[i], .events = POLLIN};
        if (poll(&event, 1, 0) == 1 && event.revents & POLLHUP) {
            source->lost_passing += source->format_lost ? lost_by(passing->fds[i]) : 0;
            close_fd(&passing->fds[i]);
        } else {
            passing->fds[kept++] = passing->fds[i];
        }
    }
    passing->count = kept;
    source->passing_limit = kept < LEAST ? LEAST : 2 * kept;
}

static int open_thread(struct perf_source *source, struct event_fds *fds, pid_t tid, bool widening) {
    int status = 0;
    for (size_t i = 0; status == 0 && i < source->ring_count; i++) {
        status = open_cpu(source, fds, &source->rings[i], tid, true, widening);
    }
    return status;
}

int perf_source_reopen(struct perf_source *source, pid_t tid) {
    close_unused(source);
    return open_thread(source, &source->passing, tid, false);
}

bool perf_source_is_narrow(const struct perf_source *source) {
    return source->narrow;
}

int perf_source_widen(struct perf_source *source, pid_t tid) {
    close_unused(source);
    int status = open_thread(source, source->widened ? &source->passing : &source->fds, tid, true);
    source->widened = source->widened || status == 0;
    return status;
}

/* ------------------------------------------------------------------ reading */

/* Set ring->record to the record at the tail and ring->time to its time; false
 * if the ring is empty. */
static bool peek_record(struct ring *ring) {
    if (ring->peeked) {
        return true;
    }
    if (ring->tail == ring->head) {
        ring->head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
        if (ring->tail == ring->head) {
            return false;
        }
    }
    ring->record = perf_record_at(ring->data, ring->size, ring->tail, ring->wrapped);
    if (ring->record->size < sizeof(*ring->record)) {
        /* What we have read is no ring of records, whatever has happened: go on behind it, rather than never. */
        ring->tail = ring->head;
        return false;
    }
    ring->time = perf_record_time(ring->record);
    ring->peeked = true;
    return true;
}

/* The ring whose next record is the oldest, or NULL if none is older than `before`. */
static struct ring *oldest_ring(struct perf_source *source, uint64_t before) {
    struct ring *oldest = NULL;
    for (size_t i = 0; i < source->ring_count; i++) {
        struct ring *ring = &source->rings[i];
        if (peek_record(ring) && ring->time < before) {
            oldest = ring;
            before = ring->time;
        }
    }
    return oldest;
}

bool perf_source_next(struct perf_source *source, uint64_t before, struct kernel_event *event) {
    for (;;) {
        struct ring *ring = oldest_ring(source, before);
        if (!ring) {
            return false;
        }
        *event = (struct kernel_event){.time = ring->time};
        bool said = perf_parse(source->plans, source->plan_count, ring->record, &source->room, event);
        source->lost_records += said && event->kind == KERNEL_LOST ? event->lost : 0;
        ring->tail += ring->record->size;
        __atomic_store_n(ring->consumed, ring->tail, __ATOMIC_RELEASE);
        ring->peeked = false;
        /* Free the space behind us now and then, not only at the end of a long batch. */
        if (ring->tail - ring->page->data_tail > ring->size / 16) {
            __atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
        }
        if (said) {
            return true;
        }
    }
}

void perf_source_release(struct perf_source *source) {
    for (size_t i = 0; i < source->ring_count; i++) {
        struct ring *ring = &source->rings[i];
        if (ring->page->data_tail != ring->tail) {
            __atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
        }
    }
}

unsigned perf_source_fill(const struct perf_source *source) {
    size_t fullest = 0;
    for (size_t i = 0; i < source->ring_count; i++) {
        const struct ring *ring = &source->rings[i];
        /* The tail first: what is behind it cannot be overtaken by the head that is read next. */
        uint64_t tail = __atomic_load_n(&ring->page->data_tail, __ATOMIC_ACQUIRE);
        size_t used = (__atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE) - tail) * 100 / ring->size;
        fullest = used > fullest ? used : fullest;
    }
    return (unsigned)fullest;
}

size_t perf_source_waiting(const struct perf_source *source) {
    size_t total = 0;
    for (size_t i = 0; i < source->ring_count; i++) {
        const struct ring *ring = &source->rings[i];
        /* The tail first, as above. */
        uint64_t tail = __atomic_load_n(ring->consumed, __ATOMIC_ACQUIRE);
        total += __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE) - tail;
    }
    return total;
}

uint64_t perf_source_lost(const struct perf_source *source) {
    if (!source->format_lost) {
        return source->lost_records;
    }
    uint64_t total = source->lost_passing;
    for (size_t i = 0; i < source->fds.count; i++) {
        total += lost_by(source->fds.fds[i]);
    }
    for (size_t i = 0; i < source->passing.count; i++) {
        total += lost_by(source->passing.fds[i]);
    }
    return total;
}

size_t perf_source_ring_bytes(const struct perf_source *source) {
    return source->rings[0].size;
}

size_t perf_source_call_bytes(const struct perf_source *source) {
    return CALL_BYTES + (source->stack_bytes ? sizeof(struct stack_sample) + source->stack_bytes : 0);
}

size_t perf_source_stack_bytes(const struct perf_source *source) {
    return source->stack_bytes;
}

size_t perf_source_rings(const struct perf_source *source) {
    return source->ring_count;
}

int perf_source_ring_fd(const struct perf_source *source, size_t ring) {
    return source->rings[ring].fd;
}

size_t perf_source_fds(const struct perf_source *source) {
    return source->fds.count;
}

const int *perf_source_fd_list(const struct perf_source *source) {
    return source->fds.fds;
}

/* A ring ends with its last mapping: if the process that had it is gone by now, this one is new, and only the event
 * that owns it writes to it. */
static int renew_ring(struct perf_source *source, size_t index) {
    struct ring *ring = &source->rings[index];
    size_t plans = 0;
    for (unsigned i = 0; i < source->plan_count; i++) {
        plans += !source->plans[i].widening;
    }
    __atomic_store_n(ring->consumed, 0, __ATOMIC_RELEASE);
    /* They were opened ring by ring. */
    for (size_t i = index * plans; i < (index + 1) * plans; i++) {
        int fd = source->fds.fds[i];
        if (fd != ring->fd && ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) < 0) {
            return -errno;
        }
    }
    return 0;
}

int perf_source_map_again(struct perf_source *source) {
    for (size_t i = 0; i < source->ring_count; i++) {
        struct ring *ring = &source->rings[i];
        void *mapped = mmap(NULL, PAGE + ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
        ring->page = mapped == MAP_FAILED ? NULL : mapped;
        if (!ring->page) {
            return -errno;
        }
        ring->data = (const uint8_t *)mapped + PAGE;
        /* Only then: it takes tens of milliseconds. */
        int status = *mark_of(ring) != OUR_RING ? renew_ring(source, i) : 0;
        if (status < 0) {
            return status;
        }
        *mark_of(ring) = OUR_RING;
    }
    return 0;
}

void perf_source_inherit(struct perf_source *source) {
    for (size_t i = 0; i < source->ring_count; i++) {
        struct ring *ring = &source->rings[i];
        ring->tail = ring->head = *ring->consumed;
        ring->peeked = false;
    }
}
