/* SPDX-License-Identifier: MIT */
#include "normaliser.h"

#include "cleanup.h"
#include "printable.h"
#include "syscall_table.h"
#include "trace_memory.h"
#include "trace_value.h"

#include <ctype.h>
#include <uthash.h>

enum {
    LOWEST_ADDRESS = 0x10000, /* nothing is mapped below */
    MAPPINGS_MAX = 1 << 18,   /* of all processes together: a child beyond has no names */
    ERRNO_MAX = 4095,
};

/* Where numbers that fit no other kind of value begin to be addresses, and where they end to be. */
#define SURELY_ADDRESS (UINT64_C(1) << 32)
#define ADDRESS_END (UINT64_C(1) << 47)

/* What is done with an argument. */
enum treatment {
    TREAT_PLAIN,   /* it is as it is */
    TREAT_STRING,  /* content */
    TREAT_ADDRESS, /* an address, or what stands there */
    TREAT_PID,
    TREAT_UNKNOWN, /* what looks like an address is one */
};

/* What a call is to us. */
enum role {
    ROLE_NONE,
    ROLE_MEMORY, /* it changes what addresses or descriptors mean */
    ROLE_PID,    /* its result is a process or thread */
    ROLE_SELF,   /* its result is the thread that calls it, as long as there is one thread */
    ROLE_BIRTH,  /* its result is a new one */
    ROLE_RETURN, /* its result is that of an interrupted call: perhaps a process */
    ROLE_END,    /* the process ends with it */
};

struct known_call {
    const char *name;
    const struct syscall_row *row;
    enum role role;
    UT_hash_handle hh;
};

/* A process or thread that was seen. */
struct known_task {
    int64_t id;
    int64_t number;
    uint64_t mapped; /* anonymous mappings that it has made */
    UT_hash_handle hh;
};

struct process {
    int64_t pid;
    struct trace_memory *memory;
    UT_hash_handle hh;
};

struct normaliser {
    bool is_golden;
    bool is_hex; /* perhaps renacer 0.6: three registers in hex, whatever the call takes */
    struct known_call *calls;
    struct known_call *memory_of_calls;
    struct known_task *tasks;
    int64_t task_count;
    bool met_nameless; /* calls came that do not say whose they are: of the only thread */
    bool knows_self;   /* which thread that is */
    struct process *processes;
    struct process *last; /* that made a call */
    unsigned mappings;
};

/* --------------------------------------------------------------------- tables */

static enum role role_of(const char *name) {
    static const struct {
        const char *name;
        enum role role;
    } roles[] = {{"mmap", ROLE_MEMORY},   {"brk", ROLE_MEMORY},           {"mremap", ROLE_MEMORY},
                 {"execve", ROLE_MEMORY}, {"execveat", ROLE_MEMORY},      {"open", ROLE_MEMORY},
                 {"openat", ROLE_MEMORY}, {"openat2", ROLE_MEMORY},       {"creat", ROLE_MEMORY},
                 {"close", ROLE_MEMORY},  {"dup", ROLE_MEMORY},           {"dup2", ROLE_MEMORY},
                 {"dup3", ROLE_MEMORY},   {"fcntl", ROLE_MEMORY},         {"memfd_create", ROLE_MEMORY},
                 {"fork", ROLE_BIRTH},    {"vfork", ROLE_BIRTH},          {"clone", ROLE_BIRTH},
                 {"clone3", ROLE_BIRTH},  {"getpid", ROLE_SELF},          {"gettid", ROLE_SELF},
                 {"getppid", ROLE_PID},   {"set_tid_address", ROLE_SELF}, {"wait4", ROLE_PID},
                 {"waitpid", ROLE_PID},   {"getpgrp", ROLE_PID},          {"getpgid", ROLE_PID},
                 {"getsid", ROLE_PID},    {"setsid", ROLE_PID},           {"rt_sigreturn", ROLE_RETURN},
                 {"exit_group", ROLE_END}};
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(name, roles[i].name) == 0) {
            return roles[i].role;
        }
    }
    return ROLE_NONE;
}

static const struct known_call *find_call(const struct normaliser *normaliser, const char *name) {
    struct known_call *known;
    HASH_FIND_STR(normaliser->calls, name, known);
    return known;
}

/* The calls of the table, each name once. */
static int fill_calls(struct normaliser *normaliser) {
    size_t count = 0;
    while (syscall_row_at(count)) {
        count++;
    }
    normaliser->memory_of_calls = calloc(count + 1, sizeof(*normaliser->memory_of_calls));
    if (!normaliser->memory_of_calls) {
        return -ENOMEM;
    }
    struct known_call *known = normaliser->memory_of_calls;
    for (size_t i = 0; i < count; i++) {
        const struct syscall_row *row = syscall_row_at(i);
        if (find_call(normaliser, row->name)) {
            continue; /* rows of x86-64 stand first */
        }
        *known = (struct known_call){.name = row->name, .row = row, .role = role_of(row->name)};
        HASH_ADD_KEYPTR(hh, normaliser->calls, known->name, strlen(known->name), known);
        known++;
    }
    return 0;
}

int normaliser_create(struct normaliser **result) {
    struct normaliser *normaliser = calloc(1, sizeof(*normaliser));
    if (!normaliser || fill_calls(normaliser) < 0) {
        normaliser_destroy(normaliser);
        return -ENOMEM;
    }
    *result = normaliser;
    return 0;
}

void normaliser_destroy(struct normaliser *normaliser) {
    if (!normaliser) {
        return;
    }
    HASH_CLEAR(hh, normaliser->calls);
    free(normaliser->memory_of_calls);
    struct known_task *task;
    struct known_task *next_task;
    HASH_ITER(hh, normaliser->tasks, task, next_task) {
        HASH_DEL(normaliser->tasks, task);
        free(task);
    }
    struct process *process;
    struct process *next;
    HASH_ITER(hh, normaliser->processes, process, next) {
        HASH_DEL(normaliser->processes, process);
        trace_memory_destroy(process->memory);
        free(process);
    }
    free(normaliser);
}

void normaliser_head(struct normaliser *normaliser, const struct trace_head *head) {
    normaliser->is_golden = head->is_golden;
    normaliser->is_hex = !head->producer.bytes && !head->is_golden;
}

/* ---------------------------------------------------------------------- tasks */

static struct known_task *find_task(const struct normaliser *normaliser, int64_t id) {
    struct known_task *task;
    HASH_FIND(hh, normaliser->tasks, &id, sizeof(id), task);
    return task;
}

static struct known_task *add_task(struct normaliser *normaliser, int64_t id, int64_t number) {
    struct known_task *task = calloc(1, sizeof(*task));
    if (task) {
        task->id = id;
        task->number = number;
        HASH_ADD(hh, normaliser->tasks, id, sizeof(task->id), task);
    }
    return task;
}

/* With the next number if it is a new one. NULL: no memory. */
static struct known_task *task_of(struct normaliser *normaliser, int64_t id) {
    struct known_task *task = find_task(normaliser, id);
    if (task || normaliser->is_golden) {
        return task ? task : add_task(normaliser, id, id);
    }
    return add_task(normaliser, id, ++normaliser->task_count);
}

/* As long as a program has one thread its calls may not say whose they are (0). That thread is then the one that its
 * own calls have said, or the first that is seen and was not born. */
static void recognise(struct normaliser *normaliser, int64_t id) {
    const struct known_task *nameless = normaliser->met_nameless ? find_task(normaliser, 0) : NULL;
    if (nameless && !normaliser->knows_self && !find_task(normaliser, id)) {
        normaliser->knows_self = add_task(normaliser, id, nameless->number) != NULL;
    }
}

static struct known_task *caller_of(struct normaliser *normaliser, int64_t pid, int64_t tid) {
    int64_t id = tid ? tid : pid;
    if (id == 0) {
        normaliser->met_nameless = true;
        return normaliser->is_golden ? task_of(normaliser, 1) : task_of(normaliser, 0);
    }
    if (!normaliser->is_golden) {
        recognise(normaliser, id);
    }
    return task_of(normaliser, id);
}

/* The number of a process or thread that a call speaks of. What has not appeared until now is of no part of the trace,
 * and has no number that others would be shifted by. */
static void add_number(const struct normaliser *normaliser, int64_t pid, struct text *text) {
    const struct known_task *task = pid == 0 || pid == -1 ? NULL : find_task(normaliser, pid < 0 ? -pid : pid);
    if (task) {
        text_add_signed(text, pid < 0 ? -task->number : task->number); /* of a group: kill(-pid) */
    } else if (pid == 0 || pid == -1) {
        text_add_signed(text, pid);
    } else {
        text_add_string(text, pid < 0 ? "-outside" : "outside");
    }
}

/* ------------------------------------------------------------------ processes */

static struct process *find_process(const struct normaliser *normaliser, int64_t pid) {
    struct process *process;
    HASH_FIND(hh, normaliser->processes, &pid, sizeof(pid), process);
    return process;
}

static struct process *add_process(struct normaliser *normaliser, int64_t pid, const struct process *parent) {
    struct process *process = calloc(1, sizeof(*process));
    if (!process) {
        return NULL;
    }
    bool copies = parent && normaliser->mappings + trace_memory_size(parent->memory) <= MAPPINGS_MAX;
    process->pid = pid;
    process->memory = copies ? trace_memory_copy(parent->memory) : trace_memory_create();
    if (!process->memory) {
        free(process);
        return NULL;
    }
    if (parent && !copies) {
        trace_memory_forget(process->memory);
    }
    normaliser->mappings += trace_memory_size(process->memory);
    HASH_ADD(hh, normaliser->processes, pid, sizeof(process->pid), process);
    return process;
}

/* One that appears before its creator's call has returned has come from the process that was at work before. */
static struct process *process_of(struct normaliser *normaliser, int64_t pid) {
    if (normaliser->last && normaliser->last->pid == pid) {
        return normaliser->last;
    }
    struct process *process = find_process(normaliser, pid);
    if (!process) {
        process = add_process(normaliser, pid, normaliser->last);
    }
    normaliser->last = process;
    return process;
}

static int change_memory(struct normaliser *normaliser, const struct process *process, const struct trace_call *call,
                         struct known_task *task) {
    unsigned before = trace_memory_size(process->memory);
    int status = trace_memory_call(process->memory, call, task->number, &task->mapped);
    normaliser->mappings += trace_memory_size(process->memory) - before;
    return status;
}

static bool has_word(const struct trace_call *call, const char *word) {
    for (unsigned i = 0; i < call->argument_count; i++) {
        if (strstr(call->arguments[i].text.bytes, word)) {
            return true;
        }
    }
    return false;
}

/* A child has the memory of its parent at this moment; a thread has it for good. */
static int give_birth(struct normaliser *normaliser, const struct trace_call *call, const struct process *process) {
    bool is_child = call->pid && call->has_result && call->result > 0 && !has_word(call, "CLONE_THREAD");
    if (!is_child || find_process(normaliser, call->result)) {
        return 0;
    }
    return add_process(normaliser, call->result, process) ? 0 : -ENOMEM;
}

static void end_process(struct normaliser *normaliser, struct process *process) {
    normaliser->mappings -= trace_memory_size(process->memory);
    trace_memory_forget(process->memory);
}

/* ------------------------------------------------------------------ arguments */

static enum treatment treatment_of(enum arg_type type) {
    switch (type) {
    case A_PATH:
    case A_STR:
    case A_COMM:
    case A_BUF_:
    case A_OUT_BUF_:
    case A_OUT_PATH_:
    case A_OUT_ATTRIBUTE_:
    case A_OUT_NAMES_:
    case A_TO_COMM:
        return TREAT_STRING;
    case A_PID:
        return TREAT_PID;
    case A_PTR:
    case A_BLOB_:
    case A_IOVEC_:
    case A_SOCKADDR_:
    case A_SIGSET_:
    case A_ARGV:
    case A_ENVP:
    case A_SET_OPTION_:
    case A_GET_OPTION_:
    case A_FSCONFIG_VALUE_:
    case A_MREMAP_ADDRESS:
        return TREAT_ADDRESS;
    case A_NONE:
    case A_SAME:
    case A_HIDDEN:
    case A_HEX:
    case A_MOUNT_TYPE:
    case A_MOUNT_DATA:
    case A_REBOOT_ARG:
        return TREAT_UNKNOWN;
    default:
        return type >= A_FIRST_OUTPUT && type < A_FIRST_SET ? TREAT_ADDRESS : TREAT_PLAIN;
    }
}

static bool is_hex(const struct trace_bytes *text) {
    return text->size > 2 && text->bytes[0] == '0' && text->bytes[1] == 'x' &&
           strspn(text->bytes + 2, "0123456789abcdef") == text->size - 2;
}

/* An address that does not say what it points to. */
static void add_address(const struct trace_memory *memory, uint64_t address, bool surely, bool is_break,
                        const char *digits, size_t size, struct text *text) {
    bool may_be = address >= LOWEST_ADDRESS && address < ADDRESS_END && (surely || address >= SURELY_ADDRESS);
    if (may_be && memory && trace_memory_name(memory, address, is_break, text)) {
        return;
    }
    if (may_be) {
        text_add_string(text, "addr");
    } else {
        text_add(text, digits, size);
    }
}

/* Where a word of a structure begins: not inside of a name or a number. */
static bool is_start(const char *text, const char *at) {
    return at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
}

/* Whether what stands before is the member of a process: "si_pid=", "parent_tid=[". */
static bool is_behind_pid(const char *text, const char *at) {
    size_t before = (size_t)(at - text);
    size_t mark = before && at[-1] == '[' ? 2 : 1;
    return before >= 3 + mark && at[-(ptrdiff_t)mark] == '=' &&
           (memcmp(at - mark - 3, "pid", 3) == 0 || memcmp(at - mark - 3, "tid", 3) == 0);
}

/* The text of a value in strace's notation, in which addresses are named and processes numbered, but not in strings. */
static int add_rewritten(struct normaliser *normaliser, const struct trace_memory *memory,
                         const struct trace_bytes *value, bool surely, bool is_break, struct text *text) {
    const char *at = value->bytes;
    const char *end = at + value->size;
    const char *kept = at; /* what is behind it has been written */
    bool quoted = false;
    while (at < end) {
        if (quoted && *at == '\\' && at + 1 < end) {
            at += 2;
            continue;
        }
        quoted ^= *at == '"';
        bool starts = !quoted && isdigit((unsigned char)*at) && is_start(value->bytes, at);
        bool hex = starts && *at == '0' && at + 2 < end && at[1] == 'x' && isxdigit((unsigned char)at[2]);
        if (!hex && !(starts && is_behind_pid(value->bytes, at))) {
            at++;
            continue;
        }
        printable_add(text, kept, (size_t)(at - kept), false);
        char *behind;
        uint64_t number = strtoull(at, &behind, hex ? 16 : 10);
        if (hex) {
            add_address(memory, number, surely, is_break, at, (size_t)(behind - at), text);
        } else {
            add_number(normaliser, (int64_t)(number & INT64_MAX), text);
        }
        at = kept = behind;
    }
    printable_add(text, kept, (size_t)(end - kept), false);
    return 0;
}

/* "/proc/1234/...": the number of the process. */
static int add_path(struct normaliser *normaliser, const struct trace_bytes *path, struct text *text) {
    static const char proc[] = "/proc/";
    size_t length = sizeof(proc) - 1;
    const char *rest = path->bytes;
    if (!normaliser->is_golden && path->size > length && memcmp(path->bytes, proc, length) == 0 &&
        isdigit((unsigned char)path->bytes[length])) {
        char *behind;
        int64_t pid = strtoll(path->bytes + length, &behind, 10);
        text_add(text, proc, length);
        add_number(normaliser, pid, text);
        rest = behind;
    }
    printable_add(text, rest, path->size - (size_t)(rest - path->bytes), true);
    return 0;
}

static int add_string(struct normaliser *normaliser, const struct trace_argument *argument, struct text *text) {
    const struct trace_bytes *content = argument->content.bytes ? &argument->content : &argument->text;
    text_add_char(text, '"');
    int status = add_path(normaliser, content, text);
    text_add_char(text, '"');
    if (argument->is_cut) {
        text_add_string(text, "...[");
        text_add_unsigned(text, argument->full_length);
        text_add_char(text, ']');
    }
    return status;
}

/* A call with the process that makes it; NULL in a golden trace. */
struct context {
    struct normaliser *normaliser;
    const struct trace_call *call;
    const struct known_call *known;
    const struct trace_memory *memory;
    bool in_registers; /* as renacer 0.6 writes it */
};

/* "libc.so.6+0x10", "mmap#3": how a golden trace shows an address. */
static bool is_place(const struct trace_bytes *text) {
    const char *plus = strrchr(text->bytes, '+');
    if (plus && plus > text->bytes && plus[1] == '0' && plus[2] == 'x' && isxdigit((unsigned char)plus[3])) {
        return plus[3 + strspn(plus + 3, "0123456789abcdef")] == 0;
    }
    return strncmp(text->bytes, "mmap#", 5) == 0 && text->bytes[5 + strspn(text->bytes + 5, "0123456789.")] == 0;
}

static int add_argument(const struct context *context, unsigned index, struct text *text) {
    const struct trace_call *call = context->call;
    const struct trace_argument *argument = &call->arguments[index];
    const struct syscall_row *row = context->known ? context->known->row : NULL;
    enum arg_type type = row && index < row_arg_count(row) ? row_arg_type(row, index) : A_NONE;
    enum treatment treatment = treatment_of(type);
    bool faulty = call->error.bytes && strcmp(call->error.bytes, "EFAULT") == 0;
    bool may_be_address = type >= A_FIRST_OUTPUT || faulty || context->in_registers;
    if (argument->quoted) {
        treatment = TREAT_STRING;
    } else if (treatment == TREAT_STRING &&
               ((may_be_address &&
                 (is_hex(&argument->text) || (context->normaliser->is_golden && is_place(&argument->text)))) ||
                strcmp(argument->text.bytes, "NULL") == 0)) {
        treatment = TREAT_ADDRESS;
    }
    uint64_t number;
    if (treatment == TREAT_STRING) {
        return add_string(context->normaliser, argument, text);
    }
    if (context->normaliser->is_golden || treatment == TREAT_PLAIN) {
        printable_add(text, argument->text.bytes, argument->text.size, false);
        return 0;
    }
    if (treatment == TREAT_PID && trace_number(call, index, &number)) {
        add_number(context->normaliser, (int32_t)number, text);
        return 0;
    }
    bool is_break = strcmp(call->name.bytes, "brk") == 0;
    return add_rewritten(context->normaliser, context->memory, &argument->text, treatment == TREAT_ADDRESS, is_break,
                         text);
}

static int add_arguments(const struct context *context, struct text *text) {
    unsigned count = context->call->argument_count;
    if (context->in_registers && context->known && row_arg_count(context->known->row) < count) {
        count = row_arg_count(context->known->row); /* the rest is what was left in the registers */
    }
    for (unsigned i = 0; i < count; i++) {
        if (i) {
            text_add_string(text, ", ");
        }
        int status = add_argument(context, i, text);
        if (status < 0) {
            return status;
        }
        const struct trace_bytes *file = &context->call->arguments[i].file;
        if (context->normaliser->is_golden && file->bytes) {
            text_add_char(text, '<');
            printable_add(text, file->bytes, file->size, true);
            text_add_char(text, '>');
        }
    }
    return 0;
}

/* --------------------------------------------------------------------- results */

static int add_result_number(const struct context *context, struct text *text) {
    const struct trace_call *call = context->call;
    enum role role = context->known ? context->known->role : ROLE_NONE;
    bool is_pid = role == ROLE_PID || role == ROLE_SELF || role == ROLE_BIRTH;
    bool is_golden = context->normaliser->is_golden;
    is_pid |= role == ROLE_RETURN && find_task(context->normaliser, call->result);
    if (is_pid && call->result > 0 && !is_golden) {
        if (role == ROLE_BIRTH && !task_of(context->normaliser, call->result)) {
            return -ENOMEM;
        }
        add_number(context->normaliser, call->result, text);
        return 0;
    }
    bool is_address = context->known && (context->known->row->types[0] & R_TYPE_MASK) == R_ADDR;
    if (is_address && call->result > 0 && !is_golden) {
        add_address(context->memory, (uint64_t)call->result, true, role == ROLE_MEMORY && call->name.bytes[0] == 'b',
                    "0", 1, text);
        return 0;
    }
    text_add_signed(text, call->result);
    return 0;
}

static int add_result(const struct context *context, struct text *text) {
    const struct trace_call *call = context->call;
    int status = 0;
    text_add_string(text, ") = ");
    if (call->result_ref.bytes) {
        printable_add(text, call->result_ref.bytes, call->result_ref.size, false);
    } else if (!call->has_result) {
        text_add_char(text, '?');
    } else {
        status = add_result_number(context, text);
    }
    if (context->normaliser->is_golden && call->result_file.bytes) {
        text_add_char(text, '<');
        printable_add(text, call->result_file.bytes, call->result_file.size, true);
        text_add_char(text, '>');
    }
    if (call->error.bytes) {
        text_add_char(text, ' ');
        printable_add(text, call->error.bytes, call->error.size, false);
    }
    return status;
}

/* What the thread is that says nothing of itself. */
static int learn_self(struct normaliser *normaliser, const struct trace_call *call, const struct known_task *task) {
    if (call->tid || call->pid || normaliser->knows_self || !call->has_result || call->result <= 0) {
        return 0;
    }
    normaliser->knows_self = true;
    return find_task(normaliser, call->result) || add_task(normaliser, call->result, task->number) ? 0 : -ENOMEM;
}

/* What the call changes, between its arguments and its result. */
static int take_effect(const struct context *context, struct process *process, struct known_task *task) {
    struct normaliser *normaliser = context->normaliser;
    switch (context->known ? context->known->role : ROLE_NONE) {
    case ROLE_MEMORY:
        return change_memory(normaliser, process, context->call, task);
    case ROLE_BIRTH:
        return give_birth(normaliser, context->call, process);
    case ROLE_SELF:
        return learn_self(normaliser, context->call, task);
    case ROLE_END:
        end_process(normaliser, process);
        return 0;
    default:
        return 0;
    }
}

int normaliser_call(struct normaliser *normaliser, const struct trace_call *call, struct text *text, int64_t *number) {
    struct known_task *task = caller_of(normaliser, call->pid, call->tid);
    struct process *process = normaliser->is_golden ? NULL : process_of(normaliser, call->pid);
    if (!task || (!process && !normaliser->is_golden)) {
        return -ENOMEM;
    }
    struct context context = {.normaliser = normaliser,
                              .call = call,
                              .known = find_call(normaliser, call->name.bytes),
                              .memory = process ? process->memory : NULL,
                              .in_registers = normaliser->is_hex && trace_in_registers(call)};
    *number = task->number;
    text_clear(text);
    printable_add(text, call->name.bytes, call->name.size, false);
    text_add_char(text, '(');
    int status = add_arguments(&context, text);
    if (status == 0 && process) {
        status = take_effect(&context, process, task);
    }
    if (status == 0) {
        status = add_result(&context, text);
    }
    return text->failed ? -ENOMEM : status;
}

int normaliser_event(struct normaliser *normaliser, const struct trace_event *event, struct text *text,
                     int64_t *number) {
    const struct known_task *task = caller_of(normaliser, event->pid, event->tid);
    if (!task) {
        return -ENOMEM;
    }
    *number = task->number;
    text_clear(text);
    text_add_string(text, "--- ");
    printable_add(text, event->kind.bytes, event->kind.size, false);
    if (event->signal.bytes) {
        text_add_char(text, ' ');
        printable_add(text, event->signal.bytes, event->signal.size, false);
    }
    if (event->has_exit_code) {
        text_add_char(text, ' ');
        text_add_signed(text, event->exit_code);
    }
    text_add_string(text, " ---");
    return text->failed ? -ENOMEM : 0;
}
