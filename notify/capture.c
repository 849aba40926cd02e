/* SPDX-License-Identifier: MIT */
#include "capture.h"

#include "align.h"
#include "capturer.h"
#include "decoding.h"
#include "structure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum {
    PAGE = CAPTURER_PAGE,
    STRING_FIRST_READ = 256, /* covers nearly every path; longer strings take a second read */
    SOCKADDR_MAX = 128,      /* sizeof(struct sockaddr_storage) */
    SIGSET_SIZE = 8,         /* of the kernel's sigset_t */
    STRINGS_MAX = 1024,      /* elements of argv and envp with -v; there is room for fewer */
};

/* One argument whose bytes the first read fetches: buffers into their capture
 * at once, strings into `text`, because their length is not known before. */
struct wanted {
    uint8_t arg;
    uint16_t element;
    bool string;
    uint32_t asked;
    uint32_t limit;
    uint64_t address;
    uint64_t full_length;
    struct capture *capture;
    uint8_t text[STRING_FIRST_READ];
};

/* Whether memory is read that such an argument points to, at least with some of the arguments before it. */
static bool is_read(const struct shown_argument *argument) {
    if (argument->direction == DIRECTION_OUT || argument->direction == DIRECTION_CHANGED) {
        return false;
    }
    switch ((enum arg_type)argument->type) {
    case A_PATH:
    case A_STR:
    case A_COMM:
    case A_BUF_:
    case A_HOST_NAME_:
    case A_BLOB_:
    case A_ATTRIBUTE_:
    case A_FSCONFIG_KEY:
    case A_FSCONFIG_VALUE_:
    case A_MOUNT_TYPE:
    case A_MOUNT_DATA:
    case A_REBOOT_ARG:
    case A_SOCKADDR_:
    case A_SIGSET_:
    case A_ARGV:
    case A_ENVP:
        return true;
    default:
        return structure_of(argument->type) || decoded_type_of(argument->type);
    }
}

static bool is_descriptor(enum arg_type type) {
    return type == A_FD || type == A_DIRFD || type == A_FAN_PLACE || type == A_HANDLE_PLACE || type == A_PIDFD;
}

/* Whether it is told what descriptor `fd` is: strace knows the working directory only where a call takes it. */
static bool is_described(enum arg_type type, int fd) {
    return is_descriptor(type) && (fd != AT_FDCWD || type == A_DIRFD || type == A_FAN_PLACE);
}

static bool may_be_descriptor(const struct shown_argument *argument) {
    return is_descriptor(argument->type) || argument->type == A_FSCONFIG_AUX || argument->type == A_WHO;
}

static bool is_changed(const struct shown_argument *argument) {
    return argument->direction == DIRECTION_CHANGED || capture_is_changed(argument->type);
}

bool capture_needs_result(const struct syscall_row *row, const struct capture_options *options) {
    return options->detail != DESCRIPTOR_NONE && row_may_return_descriptor(row);
}

bool capture_needed(const struct syscall_row *row, const struct capture_options *options) {
    if ((options->memory && row_has_any(row, is_read)) ||
        (options->detail != DESCRIPTOR_NONE && row_has_any(row, may_be_descriptor)) ||
        (options->memory && options->outputs && row_has_any(row, is_changed))) {
        return true;
    }
    /* Then the receiver knows that this thread's next call has to wait. */
    return capture_needs_result(row, options);
}

/* What is read of a call. */
struct readings {
    uint8_t pointers;  /* arguments that may be NULL: structures and vectors, and all that depend on a command */
    bool has_others;   /* names and buffers: nobody makes such a call without one */
    bool has_commands; /* what is an address with one may be a number with another */
};

static void note_reading(void *context, const struct shown_argument *argument, bool of_command) {
    struct readings *readings = context;
    readings->has_commands = readings->has_commands || of_command;
    if (!is_read(argument)) {
        return;
    }
    bool may_be_null =
        of_command || structure_of(argument->type) || decoded_type_of(argument->type) || argument->type == A_SIGSET_;
    if (may_be_null) {
        readings->pointers |= (uint8_t)(1U << argument->index);
    } else {
        readings->has_others = true;
    }
}

/* Calls that programs make often with nothing to be read. Each condition costs time where the filter is made: for all
 * others, which may be called with NULL as well, it is not worth it. */
static bool often_has_nothing(const struct syscall_row *row) {
    static const char *const names[] = {"accept",   "accept4",      "epoll_pwait",   "epoll_pwait2", "fcntl",
                                        "futex",    "ioctl",        "poll",          "prctl",        "prlimit64",
                                        "recvfrom", "rt_sigaction", "rt_sigprocmask"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(row->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

struct capture_trigger capture_trigger_of(const struct syscall_row *row, const struct capture_options *options) {
    enum {
        LOWEST_ADDRESS = 1 << 16, /* vm.mmap_min_addr as the kernel has it: nothing is mapped below */
    };
    if (!often_has_nothing(row)) {
        return (struct capture_trigger){0};
    }
    struct readings readings = {0};
    row_visit(row, note_reading, &readings);
    if (readings.has_others || options->detail != DESCRIPTOR_NONE || options->outputs) {
        return (struct capture_trigger){0};
    }
    return (struct capture_trigger){.arguments = readings.pointers,
                                    .least = readings.has_commands ? LOWEST_ADDRESS : 1};
}

size_t capture_bound(const struct capture_options *options) {
    size_t limit = options->string_limit > PAGE ? options->string_limit : PAGE;
    size_t elements = CAPTURE_VECTOR_MAX + 1;
    size_t descriptors = options->detail == DESCRIPTOR_NONE ? 0 : 3;
    /* No row has more than four strings, or two beside one buffer, or one beside
     * two vectors; nor more than two descriptors and one that it returns. */
    return 4 * (sizeof(struct capture) + padded(limit + 1)) + elements * (sizeof(struct capture) + 8) +
           descriptors * (sizeof(struct capture) + padded(DESCRIPTOR_TEXT_MAX)) + capturer_decoded_bound(options) +
           (options->outputs ? capture_outputs_bound(options) : 0);
}

void capturer_init(struct capturer *capturer, const struct memory *memory, pid_t tid, enum arch arch,
                   const struct capture_options *options, void *end) {
    *capturer = (struct capturer){.memory = memory,
                                  .tid = tid,
                                  .arch = arch,
                                  .limit = options->string_limit,
                                  .elements = options->vector_limit ? options->vector_limit : CAPTURE_VECTOR_MAX,
                                  .detail = options->detail,
                                  .verbose = options->verbose,
                                  .outputs = options->outputs,
                                  .decoded_left = (uint32_t)capturer_decoded_bound(options),
                                  .end = end};
}

struct capture *capturer_open(struct capturer *capturer, unsigned arg, unsigned element) {
    struct capture *capture = (struct capture *)(void *)capturer->end;
    *capture = (struct capture){.arg = (uint8_t)arg, .element = (uint16_t)element};
    return capture;
}

void capturer_close(struct capturer *capturer, const struct capture *capture) {
    capturer->end = (uint8_t *)(capture + 1) + padded(capture->size);
}

bool capturer_append(struct capturer *capturer, struct capture *capture, uint64_t address, uint32_t size) {
    while (size) {
        uint32_t piece = capturer_smaller(size, PAGE - address % PAGE);
        struct iovec local = {.iov_base = (uint8_t *)(capture + 1) + capture->size, .iov_len = piece};
        struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = piece};
        ssize_t copied = capturer->memory->read(capturer->memory, capturer->tid, &local, &remote, 1);
        if (copied > 0) {
            capture->size += (uint32_t)copied;
        }
        if (copied != (ssize_t)piece) {
            return false;
        }
        address += piece;
        size -= piece;
    }
    return true;
}

/* Cut the capture at its NUL if it has one. */
static bool ends_at_nul(struct capture *capture) {
    const uint8_t *nul = memchr(capture_bytes(capture), 0, capture->size);
    if (!nul) {
        return false;
    }
    capture->size = (uint32_t)(nul - capture_bytes(capture));
    capture->full_length = capture->size;
    capture->state = CAPTURE_WHOLE;
    return true;
}

void capturer_read_string(struct capturer *capturer, struct capture *capture, uint64_t address, uint32_t limit) {
    capture->full_length = CAPTURE_LENGTH_UNKNOWN;
    bool readable = true;
    /* One byte more than the limit is read, so that a string that just fits is not called cut. */
    while (!ends_at_nul(capture)) {
        if (capture->size > limit) {
            capture->size = limit;
            capture->state = CAPTURE_CUT;
            return;
        }
        if (!readable) {
            capture->state = CAPTURE_UNREADABLE;
            return;
        }
        uint64_t next = address + capture->size;
        readable =
            capturer_append(capturer, capture, next, capturer_smaller(limit + 1 - capture->size, PAGE - next % PAGE));
    }
}

/* Finish a capture of `length` bytes at `address`, of which `limit` are kept. */
static void fill(struct capturer *capturer, struct capture *capture, uint64_t address, uint64_t length,
                 uint32_t limit) {
    capture->full_length = length;
    if (!capturer_append(capturer, capture, address, capturer_smaller(length, limit))) {
        capture->state = CAPTURE_UNREADABLE;
    } else if (length > limit) {
        capture->state = CAPTURE_CUT;
    }
    capturer_close(capturer, capture);
}

void capturer_add_bytes(struct capturer *capturer, unsigned arg, unsigned element, uint64_t address, uint64_t length,
                        uint32_t limit) {
    fill(capturer, capturer_open(capturer, arg, element), address, length, limit);
}

/* ------------------------------------------------------ the flat arguments */

static bool is_read_at_entry(const struct capturer *capturer, const struct shown_argument *shown) {
    return shown->direction == DIRECTION_CHANGED ? capturer->outputs : shown->direction != DIRECTION_OUT;
}

/* The size of what an argument of a type with structures points to, if it is read now; 0 of any other. */
static uint32_t structure_size(const struct capturer *capturer, const struct shown_argument *shown) {
    const struct structure *structure = structure_of(shown->type);
    const struct decoded_type *decoded = decoded_type_of(shown->type);
    if (!is_read_at_entry(capturer, shown) || !(structure || decoded)) {
        return 0;
    }
    return structure ? structure->size[capturer->arch] : decoded->size[capturer->arch];
}

/* Decide what the first read fetches for an argument: false if nothing. */
static bool plan_argument(const struct capturer *capturer, const struct shown_argument *shown, const uint64_t *args,
                          struct wanted *wanted) {
    uint64_t length = args[shown->reference % SYSCALL_MAX_ARGS];
    switch ((enum arg_type)shown->type) {
    case A_PATH:
        /* A path is a name, not content: it is shown as far as the kernel would take it. */
        wanted->limit = capturer->limit < PAGE - 1 ? PAGE - 1 : capturer->limit;
        wanted->string = true;
        break;
    case A_STR:
        wanted->limit = capturer->limit;
        wanted->string = true;
        break;
    case A_COMM:
        wanted->limit = capturer_smaller(capturer->limit, CAPTURE_COMM_MAX);
        wanted->string = true;
        break;
    case A_BUF_:
    case A_ATTRIBUTE_:
        wanted->limit = capturer->limit;
        wanted->string = false;
        break;
    case A_BLOB_:
        length &= UINT32_MAX;
        wanted->limit = capturer->limit;
        wanted->string = false;
        break;
    case A_SOCKADDR_:
        if (shown->direction == DIRECTION_OUT) {
            return false;
        }
        length = (int32_t)length < 0 ? 0 : length & UINT32_MAX;
        wanted->limit = SOCKADDR_MAX;
        wanted->string = false;
        break;
    case A_SIGSET_:
        wanted->limit = SIGSET_SIZE;
        wanted->string = false;
        break;
    default:
        length = structure_size(capturer, shown);
        if (!length) {
            return false;
        }
        wanted->limit = UINT32_MAX;
        wanted->string = false;
        break;
    }
    wanted->arg = shown->index;
    wanted->element = decoded_type_of(shown->type) ? CAPTURE_AT : 0;
    wanted->address = capturer->arch == ARCH_I386 ? (uint32_t)args[shown->index] : args[shown->index];
    wanted->full_length = capturer->arch == ARCH_I386 ? length & UINT32_MAX : length;
    wanted->asked = wanted->string ? capturer_smaller(STRING_FIRST_READ, wanted->limit + 1)
                                   : capturer_smaller(wanted->full_length, wanted->limit);
    return wanted->address != 0;
}

/* Add the local and remote range of one argument. A range is split at a page
 * border, for what lies behind the border may not be there. */
static unsigned add_ranges(const struct wanted *wanted, uint8_t *to, struct iovec *local, struct iovec *remote) {
    uint32_t first = capturer_smaller(wanted->asked, PAGE - wanted->address % PAGE);
    local[0] = (struct iovec){to, first};
    remote[0] = (struct iovec){(void *)(uintptr_t)wanted->address, first};
    if (first == wanted->asked) {
        return 1;
    }
    local[1] = (struct iovec){to + first, wanted->asked - first};
    remote[1] = (struct iovec){(void *)(uintptr_t)(wanted->address + first), wanted->asked - first};
    return 2;
}

/* Fetch everything with one call: true if every byte came. Buffers are then in
 * place, behind each other; strings still have to be closed at their NUL. */
static bool read_planned(struct capturer *capturer, struct wanted *wanted, unsigned count) {
    struct iovec local[2 * SYSCALL_MAX_ARGS];
    struct iovec remote[2 * SYSCALL_MAX_ARGS];
    unsigned ranges = 0;
    ssize_t total = 0;
    for (unsigned i = 0; i < count; i++) {
        uint8_t *to = wanted[i].text;
        if (!wanted[i].string) {
            struct capture *capture = capturer_open(capturer, wanted[i].arg, wanted[i].element);
            capture->size = wanted[i].asked;
            capture->full_length = wanted[i].full_length;
            capture->state = wanted[i].full_length > wanted[i].asked ? CAPTURE_CUT : CAPTURE_WHOLE;
            capture->address = wanted[i].address;
            capturer_close(capturer, capture);
            to = (uint8_t *)(capture + 1);
        }
        ranges += add_ranges(&wanted[i], to, local + ranges, remote + ranges);
        total += wanted[i].asked;
    }
    return capturer->memory->read(capturer->memory, capturer->tid, local, remote, ranges) == total;
}

static void capture_flat(struct capturer *capturer, const struct shown_argument *shown, unsigned shown_count,
                         const uint64_t *args) {
    struct wanted wanted[SYSCALL_MAX_ARGS];
    unsigned count = 0;
    for (unsigned i = 0; i < shown_count; i++) {
        count += plan_argument(capturer, &shown[i], args, &wanted[count]);
    }
    if (count == 0) {
        return;
    }
    uint8_t *start = capturer->end;
    if (!read_planned(capturer, wanted, count)) {
        /* Something cannot be read: find out argument by argument what can. */
        capturer->end = start;
        for (unsigned i = 0; i < count; i++) {
            struct capture *capture = capturer_open(capturer, wanted[i].arg, wanted[i].element);
            capture->address = wanted[i].address;
            if (wanted[i].string) {
                capturer_read_string(capturer, capture, wanted[i].address, wanted[i].limit);
                capturer_close(capturer, capture);
            } else {
                fill(capturer, capture, wanted[i].address, wanted[i].full_length, wanted[i].limit);
            }
        }
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        if (wanted[i].string) {
            struct capture *capture = capturer_open(capturer, wanted[i].arg, 0);
            memcpy(capture + 1, wanted[i].text, wanted[i].asked);
            capture->size = wanted[i].asked;
            capturer_read_string(capturer, capture, wanted[i].address, wanted[i].limit);
            capturer_close(capturer, capture);
        }
    }
}

/* ----------------------------------------------------- arguments that nest */

static unsigned word_size(const struct capturer *capturer) {
    return capturer->arch == ARCH_I386 ? 4 : 8;
}

static uint64_t word_at(const struct capturer *capturer, const uint8_t *bytes, size_t index) {
    if (capturer->arch == ARCH_I386) {
        uint32_t word;
        memcpy(&word, bytes + 4 * index, sizeof(word));
        return word;
    }
    uint64_t word;
    memcpy(&word, bytes + 8 * index, sizeof(word));
    return word;
}

unsigned capturer_read_words(struct capturer *capturer, uint64_t address, uint64_t *words, unsigned max, bool to_null,
                             enum capture_state *state) {
    unsigned size = word_size(capturer);
    unsigned count = 0;
    *state = CAPTURE_WHOLE;
    while (count < max) {
        uint8_t bytes[512];
        uint64_t at = address + (uint64_t)count * size;
        uint32_t piece = capturer_smaller((uint64_t)(max - count) * size, sizeof(bytes));
        uint32_t to_border = capturer_smaller(piece, PAGE - at % PAGE);
        piece = to_border >= size ? to_border - to_border % size : size;
        if (memory_read_exact(capturer->memory, capturer->tid, at, bytes, piece) < 0) {
            *state = CAPTURE_UNREADABLE;
            return count;
        }
        for (unsigned i = 0; i < piece / size; i++) {
            words[count] = word_at(capturer, bytes, i);
            if (to_null && words[count] == 0) {
                return count;
            }
            count++;
        }
    }
    if (to_null) {
        *state = CAPTURE_CUT;
    }
    return count;
}

/* argv: the capture of the argument itself says how many elements there are,
 * and one capture for each element follows, as far as there is room. */
static void capture_argv(struct capturer *capturer, unsigned arg, uint64_t address, unsigned limit) {
    uint64_t pointers[STRINGS_MAX + 1]; /* and the NULL */
    enum capture_state state;
    unsigned count = capturer_read_words(capturer, address, pointers, limit + 1, true, &state);
    count = capturer_smaller(count, limit);
    struct capture *vector = capturer_open(capturer, arg, 0);
    vector->full_length = count;
    vector->state = (uint8_t)state;
    vector->address = address; /* tells it from one that is only counted */
    capturer_close(capturer, vector);
    for (unsigned i = 0; i < count; i++) {
        uint32_t room = capturer->decoded_left > 2 * sizeof(struct capture)
                            ? capturer->decoded_left - 2 * (uint32_t)sizeof(struct capture)
                            : 0;
        if (!room) {
            vector->state = CAPTURE_CUT;
            return;
        }
        struct capture *element = capturer_open(capturer, arg, i + 1);
        element->address = pointers[i];
        capturer_read_string(capturer, element, pointers[i], capturer_smaller(room, capturer->limit));
        capturer_close(capturer, element);
        capturer->decoded_left -= capturer_smaller(room, sizeof(*element) + padded(element->size));
    }
}

/* envp: only how many there are, unless nothing is abbreviated. */
static void capture_envp(struct capturer *capturer, unsigned arg, uint64_t address) {
    uint64_t pointers[64];
    enum capture_state state = CAPTURE_CUT;
    uint64_t count = 0;
    while (state == CAPTURE_CUT && count < CAPTURE_ENVP_MAX) {
        count += capturer_read_words(capturer, address + count * word_size(capturer), pointers, 64, true, &state);
    }
    struct capture *vector = capturer_open(capturer, arg, 0);
    vector->full_length = count;
    vector->state = (uint8_t)state;
    capturer_close(capturer, vector);
}

size_t capture_add_descriptor(void *captures, size_t size, unsigned arg, pid_t tid, int fd,
                              enum descriptor_detail detail) {
    struct capture *capture = (struct capture *)(void *)((uint8_t *)captures + size);
    char *text = (char *)(capture + 1);
    size_t length = fd == AT_FDCWD ? descriptor_describe_cwd(tid, text, DESCRIPTOR_TEXT_MAX)
                                   : descriptor_describe(tid, fd, detail, text, DESCRIPTOR_TEXT_MAX);
    if (length == 0) {
        return size;
    }
    *capture = (struct capture){
        .arg = (uint8_t)arg, .element = CAPTURE_DESCRIPTOR, .size = (uint32_t)length, .full_length = length};
    return size + sizeof(*capture) + padded(length);
}

static void capture_nested(struct capturer *capturer, const struct shown_argument *shown, unsigned count,
                           const uint64_t *args) {
    for (unsigned i = 0; i < count; i++) {
        unsigned index = shown[i].index;
        uint64_t address = args[index];
        if (!address) {
            continue;
        }
        switch ((enum arg_type)shown[i].type) {
        case A_ARGV:
            capture_argv(capturer, index, address, capturer->verbose ? STRINGS_MAX : capturer->elements);
            break;
        case A_ENVP:
            if (capturer->verbose) {
                capture_argv(capturer, index, address, STRINGS_MAX);
            } else {
                capture_envp(capturer, index, address);
            }
            break;
        default:
            break;
        }
    }
}

/* Whether the function that decodes the argument asks for memory beyond what the first read has fetched. */
static bool asks_for_more(const struct capturer *capturer, const struct shown_argument *shown) {
    const struct decoded_type *decoded = decoded_type_of(shown->type);
    bool is_fetched = decoded && decoded->is_flat && decoded->size[capturer->arch];
    return decoded && !is_fetched && is_read_at_entry(capturer, shown);
}

size_t capture_call(const struct syscall_row *row, enum arch arch, const uint64_t args[SYSCALL_MAX_ARGS],
                    const struct memory *memory, pid_t tid, const struct capture_options *options, void *output) {
    struct capturer capturer;
    struct shown_argument shown[SYSCALL_MAX_ARGS];
    unsigned count = row_arguments(row, args, shown);
    capturer_init(&capturer, memory, tid, arch, options, output);
    if (options->memory) {
        capture_flat(&capturer, shown, count, args);
        capture_nested(&capturer, shown, count, args);
    }
    for (unsigned i = 0; options->memory && i < count; i++) {
        if (asks_for_more(&capturer, &shown[i])) {
            capturer_add_decoded(&capturer, &shown[i], args, NULL, output);
        } else {
            capturer_add_messages(&capturer, row, &shown[i], args, NULL, output);
        }
    }
    if (options->memory && options->outputs) {
        capturer_add_inputs(&capturer, row, args);
    }
    size_t size = (size_t)(capturer.end - (uint8_t *)output);
    for (unsigned i = 0; options->detail != DESCRIPTOR_NONE && i < count; i++) {
        unsigned index = shown[i].index;
        if (is_described(shown[i].type, (int)args[index])) {
            size = capture_add_descriptor(output, size, index, tid, (int)args[index], options->detail);
        }
    }
    return size;
}

const struct capture *capture_find(const void *captures, size_t size, unsigned arg, unsigned element) {
    const uint8_t *at = captures;
    const uint8_t *end = at + size;
    while (at < end) {
        const struct capture *capture = (const struct capture *)(const void *)at;
        if (capture->arg == arg && capture->element == element) {
            return capture;
        }
        at = capture_bytes(capture) + padded(capture->size);
    }
    return NULL;
}
