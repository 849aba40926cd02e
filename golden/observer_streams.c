/* SPDX-License-Identifier: MIT
 *
 * What an observer does with the calls that read and write, and with those
 * that make descriptors, sockets and pipes.
 */
#include "hash64.h"
#include "observer_call.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

static const char unrecorded_address[] = "an address that was not recorded";

static struct open_file *file_at(const struct observed_call *o, int index) {
    int descriptor;
    return call_open_descriptor(o, index, &descriptor) ? call_open_file(o, index, descriptor) : NULL;
}

/* A file of which no more can be said is opened. */
static int open_as(const struct observed_call *o, int descriptor, enum open_kind kind, bool on_exec) {
    struct open_file file = {.kind = kind, .object = NO_OBJECT, .position = POSITION_UNKNOWN};
    return process_model_open(o->model, o->process, descriptor, &file, on_exec) ? 0 : -ENOMEM;
}

static int result_descriptor(const struct observed_call *o) {
    uint64_t number;
    return call_result(o, &number) && number <= INT32_MAX ? (int)number : -1;
}

/* --------------------------------------------------------------------- writing */

/* Where the next bytes go; the file's position goes on by `length`, unless the call says its own. */
static uint64_t position_of(const struct observed_call *o, struct open_file *file, uint64_t length, int own) {
    uint64_t position = file->position;
    uint64_t number;
    if (call_number(o, own, &number) && number <= INT64_MAX) {
        return file->appends ? POSITION_END : number;
    }
    if (position != POSITION_UNKNOWN) {
        file->position += length;
    }
    return file->appends ? POSITION_END : position;
}

static bool is_counted(const struct open_file *file) {
    return file->object != NO_OBJECT && (file->kind == OPEN_FILE || file->kind == OPEN_STREAM ||
                                         file->kind == OPEN_SOCKET || file->kind == OPEN_UNKNOWN);
}

/* Something is written to it, which counts unless the object does not. */
static void begin(const struct observed_call *o, const struct open_file *file) {
    o->state->has_begun |= !observations_at(o->observations, file->object)->ignored;
}

static int write_to(const struct observed_call *o, uint32_t object, uint64_t *position, const struct written *written) {
    if (!written->length) {
        return 0;
    }
    int status = observations_wrote(o->observations, object, &o->occasion, *position, written);
    if (*position < POSITION_END) {
        *position += written->length;
    }
    return status;
}

/* A vector of buffers, as much of it as was written. */
static int write_vector(const struct observed_call *o, uint32_t object, uint64_t position, uint64_t length,
                        const struct notation *vector) {
    struct notation rest = *vector;
    struct notation_piece piece;
    int status = 0;
    while (length && status == 0 && notation_piece(&rest, &piece, o->bytes)) {
        uint64_t size = piece.length < length ? piece.length : length;
        uint64_t seen = piece.seen ? o->bytes->length : 0;
        struct written written = {(const uint8_t *)o->bytes->bytes, seen < size ? seen : size, size};
        status = o->bytes->failed ? -ENOMEM : write_to(o, object, &position, &written);
        length -= size;
    }
    struct written unseen = {NULL, 0, length};
    return status < 0 ? status : write_to(o, object, &position, &unseen);
}

static int end_of_message(const struct observed_call *o, uint32_t object, bool is_datagram) {
    return is_datagram ? observations_happened(o->observations, object, &o->occasion, "end of a message") : 0;
}

/* How many bytes were written: what the call returned or, where nothing measured that, what it was told to write. */
static bool length_written(const struct observed_call *o, uint64_t *length) {
    return call_result(o, length) || (!o->call->has_result && call_number(o, o->rule->value, length));
}

/* `place`: descriptor; the buffer stands behind it; `value`: its length; `extra`: position in the file. */
static int observe_write(const struct observed_call *o) {
    uint64_t length;
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || !length_written(o, &length) || !length || length > INT64_MAX) {
        return 0;
    }
    uint64_t position = position_of(o, file, length, o->rule->extra);
    if (!is_counted(file)) {
        return 0;
    }
    begin(o, file);
    bool is_datagram = file->is_datagram;
    uint32_t object = file->object;
    const struct trace_bytes *bytes = call_text(o, o->rule->place + 1);
    uint64_t seen = bytes ? bytes->size : 0;
    struct written written = {bytes ? (const uint8_t *)bytes->bytes : NULL, seen < length ? seen : length, length};
    int status = write_to(o, object, &position, &written);
    return status < 0 ? status : end_of_message(o, object, is_datagram);
}

/* The same with a vector of buffers. */
static int observe_writev(const struct observed_call *o) {
    uint64_t length;
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || !call_result(o, &length) || !length || length > INT64_MAX) {
        return 0;
    }
    uint64_t position = position_of(o, file, length, o->rule->extra);
    if (!is_counted(file)) {
        return 0;
    }
    begin(o, file);
    bool is_datagram = file->is_datagram;
    uint32_t object = file->object;
    const struct trace_bytes *text = call_text(o, o->rule->place + 1);
    struct notation vector = {text ? text->bytes : "", text ? text->bytes + text->size : ""};
    if (!text) {
        vector.end = vector.at;
    }
    int status = write_vector(o, object, position, length, &vector);
    return status < 0 ? status : end_of_message(o, object, is_datagram);
}

/* -------------------------------------------------------------------- reading */

static bool is_hex(const char *text, size_t size) {
    return size > 2 && text[0] == '0' && text[1] == 'x' && strspn(text + 2, "0123456789abcdef") >= size - 2;
}

/* Whether a buffer is shown as the address that it has, because nothing read what the call put there. */
static bool is_address(const struct trace_bytes *text) {
    static const char *const areas[] = {"mmap#", "shm#", "heap", "stack", "args", "[vdso]", "[vvar]", "NULL"};
    if (is_hex(text->bytes, text->size)) {
        return true;
    }
    const char *offset = memmem(text->bytes, text->size, "+0x", 3);
    if (offset && is_hex(offset + 1, text->size - (size_t)(offset + 1 - text->bytes))) {
        return true;
    }
    for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
        size_t size = strlen(areas[i]);
        if (strncmp(text->bytes, areas[i], size) == 0 &&
            text->bytes[size + strspn(text->bytes + size, "0123456789.")] == 0) {
            return true;
        }
    }
    return false;
}

/* Whether reading this file is an observation. */
static bool interests(const struct observed_call *o, uint32_t object) {
    const char *path = observations_path(o->observations, object);
    uint64_t hash = hash64_bytes(1, path, strlen(path));
    if (hash == o->process->own_files[0] || hash == o->process->own_files[1]) {
        o->process->read_script = true;
        return false;
    }
    return interest_in_reading(path, o->process->running);
}

static void was_read(const struct observed_call *o, struct open_file *file, uint64_t position, const uint8_t *bytes,
                     uint64_t length) {
    if (file->kind != OPEN_FILE || file->object == NO_OBJECT || file->is_dull) {
        return;
    }
    if (!file->is_read) {
        file->is_read = true;
        file->is_dull = !interests(o, file->object);
    }
    if (!file->is_dull) {
        observations_was_read(o->observations, file->object, &o->occasion, position, bytes, length);
    }
}

/* `place`: descriptor, the buffer behind it; `extra`: position in the file. */
static int observe_read(const struct observed_call *o) {
    uint64_t length;
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || !call_result(o, &length)) {
        return 0;
    }
    uint64_t position = file->position;
    uint64_t own;
    if (call_number(o, o->rule->extra, &own)) {
        position = own;
    } else if (file->position != POSITION_UNKNOWN) {
        file->position += length;
    }
    const struct trace_bytes *bytes = call_text(o, o->rule->place + 1);
    bool is_seen = bytes && bytes->size == length && !is_address(bytes);
    was_read(o, file, position, is_seen ? (const uint8_t *)bytes->bytes : NULL, length);
    return 0;
}

/* The contents of a vector are not compared. */
static int observe_readv(const struct observed_call *o) {
    uint64_t length;
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || !call_result(o, &length)) {
        return 0;
    }
    uint64_t own;
    if (!call_number(o, o->rule->extra, &own) && file->position != POSITION_UNKNOWN) {
        file->position += length;
    }
    was_read(o, file, POSITION_UNKNOWN, NULL, length ? length : 1);
    return 0;
}

/* `place`: descriptor; `value`: protection. Files that are mapped to be executed are code. */
static int observe_mmap(const struct observed_call *o) {
    int descriptor;
    if (!call_open_descriptor(o, o->rule->place, &descriptor) || descriptor < 0) {
        return 0;
    }
    struct open_file *file = call_open_file(o, o->rule->place, descriptor);
    if (!file || file->kind != OPEN_FILE || file->object == NO_OBJECT) {
        return 0;
    }
    if (call_has_flag(o, o->rule->value, "PROT_EXEC", PROT_EXEC)) {
        observations_at(o->observations, file->object)->is_code = true;
    } else {
        was_read(o, file, POSITION_UNKNOWN, NULL, 1);
    }
    return 0;
}

/* `place`: to; `value`: from; `extra`: of a position of its own that the target has. How many bytes, is all that is
 * known. */
static int observe_transfer(const struct observed_call *o) {
    uint64_t length;
    if (!call_result(o, &length)) {
        return 0;
    }
    struct open_file *source = file_at(o, o->rule->value);
    if (source) {
        if (source->position != POSITION_UNKNOWN) {
            source->position += length;
        }
        was_read(o, source, POSITION_UNKNOWN, NULL, length ? length : 1);
    }
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || !length || length > INT64_MAX) {
        return 0;
    }
    uint64_t own;
    bool has_own = o->rule->extra != NO_ARGUMENT && !(call_number(o, o->rule->extra, &own) && own == 0);
    uint64_t position = has_own ? POSITION_UNKNOWN : position_of(o, file, length, NO_ARGUMENT);
    struct written unseen = {NULL, 0, length};
    if (!is_counted(file)) {
        return 0;
    }
    begin(o, file);
    return write_to(o, file->object, &position, &unseen);
}

static int observe_lseek(const struct observed_call *o) {
    uint64_t position;
    struct open_file *file = file_at(o, o->rule->place);
    if (file && call_result(o, &position)) {
        file->position = position;
    }
    return 0;
}

/* ---------------------------------------------------------------- descriptors */

static int observe_close(const struct observed_call *o) {
    int descriptor;
    return call_open_descriptor(o, o->rule->place, &descriptor) ? process_model_close(o->model, o->process, descriptor)
                                                                : 0;
}

static int observe_close_range(const struct observed_call *o) {
    uint64_t first;
    uint64_t last;
    if (!call_number(o, 0, &first) || !call_number(o, 1, &last)) {
        return 0;
    }
    int status = call_has_flag(o, 2, "CLOSE_RANGE_UNSHARE", 2) ? process_model_unshare(o->model, o->process) : 0;
    bool on_exec = call_has_flag(o, 2, "CLOSE_RANGE_CLOEXEC", 4);
    return status < 0 ? status : process_model_close_range(o->model, o->process, first, (uint32_t)last, on_exec);
}

/* `extra`: flags. */
static int observe_dup(const struct observed_call *o) {
    int from;
    int to = result_descriptor(o);
    if (to < 0 || !call_open_descriptor(o, o->rule->place, &from)) {
        return 0;
    }
    if (!call_open_file(o, o->rule->place, from)) {
        return -ENOMEM;
    }
    return process_model_duplicate(o->model, o->process, from, to,
                                   call_has_flag(o, o->rule->extra, "O_CLOEXEC", O_CLOEXEC));
}

/* Whether the command is this one; a number is all of it, not some bits. */
static bool is_command(const struct observed_call *o, int index, const char *name, uint64_t command) {
    uint64_t number;
    return call_number(o, index, &number) ? number == command : call_has_flag(o, index, name, 0);
}

static int observe_fcntl(const struct observed_call *o) {
    int descriptor;
    int to = result_descriptor(o);
    if (!call_open_descriptor(o, 0, &descriptor)) {
        return 0;
    }
    bool on_exec = is_command(o, 1, "F_DUPFD_CLOEXEC", F_DUPFD_CLOEXEC);
    if (to >= 0 && (on_exec || is_command(o, 1, "F_DUPFD", F_DUPFD))) {
        return call_open_file(o, 0, descriptor) ? process_model_duplicate(o->model, o->process, descriptor, to, on_exec)
                                                : -ENOMEM;
    }
    if (is_command(o, 1, "F_SETFD", F_SETFD)) {
        return process_model_on_exec(o->model, o->process, descriptor, call_has_flag(o, 2, "FD_CLOEXEC", FD_CLOEXEC));
    }
    if (is_command(o, 1, "F_SETFL", F_SETFL)) {
        struct open_file *file = call_open_file(o, 0, descriptor);
        if (file) {
            file->appends = call_has_flag(o, 2, "O_APPEND", O_APPEND);
        }
    }
    return 0;
}

/* The two numbers of "[3, 4]". */
static bool parse_pair(const struct trace_bytes *text, int pair[2]) {
    char more;
    return text && text->bytes && sscanf(text->bytes, "[%9d, %9d%c", &pair[0], &pair[1], &more) == 3 && more == ']' &&
           pair[0] >= 0 && pair[1] >= 0;
}

/* `place`: the two descriptors; where they are not recorded, they are the lowest that are free. `extra`: flags. */
static int observe_pair(const struct observed_call *o) {
    int pair[2];
    if (!parse_pair(call_text(o, o->rule->place), pair)) {
        pair[0] = process_model_free_descriptor(o->process, 0);
        pair[1] = process_model_free_descriptor(o->process, pair[0] + 1);
        o->process->hides_pipes = true;
    }
    bool on_exec = call_has_flag(o, o->rule->extra, "O_CLOEXEC", O_CLOEXEC) ||
                   call_has_flag(o, o->rule->extra, "SOCK_CLOEXEC", SOCK_CLOEXEC);
    int status = open_as(o, pair[0], OPEN_PIPE, on_exec);
    return status < 0 ? status : open_as(o, pair[1], OPEN_PIPE, on_exec);
}

/* What is written there is seen by nobody else. */
static int observe_nothing(const struct observed_call *o) {
    int descriptor = result_descriptor(o);
    return descriptor < 0 ? 0 : open_as(o, descriptor, OPEN_NOTHING, true);
}

/* -------------------------------------------------------------------- sockets */

/* `place`: family; `value`: type. */
static int observe_socket(const struct observed_call *o) {
    int descriptor = result_descriptor(o);
    if (descriptor < 0) {
        return 0;
    }
    bool is_dull =
        is_command(o, o->rule->place, "AF_NETLINK", AF_NETLINK) || is_command(o, o->rule->place, "AF_ALG", AF_ALG);
    uint64_t type;
    bool is_datagram = call_number(o, o->rule->value, &type)
                           ? (type & 0xf) != SOCK_STREAM
                           : !call_has_flag(o, o->rule->value, "SOCK_STREAM", SOCK_STREAM);
    struct open_file file = {.kind = is_dull ? OPEN_NOTHING : OPEN_SOCKET,
                             .object = NO_OBJECT,
                             .is_datagram = is_datagram,
                             .position = POSITION_UNKNOWN};
    bool on_exec = call_has_flag(o, o->rule->value, "SOCK_CLOEXEC", SOCK_CLOEXEC);
    return process_model_open(o->model, o->process, descriptor, &file, on_exec) ? 0 : -ENOMEM;
}

/* The address in an argument, in `o->path`. */
static enum notation_family address_of(const struct observed_call *o, int index) {
    const struct trace_bytes *text = call_text(o, index);
    enum notation_family family = FAMILY_OTHER;
    text_clear(o->path);
    if (!text || !notation_address(text->bytes, text->size, &family, o->path)) {
        text_add_string(o->path, unrecorded_address);
    }
    return family;
}

/* A port of this machine that the system has chosen for a listener of this trace is another one each time. */
static void hide_chosen_port(const struct observed_call *o) {
    enum {
        FIRST = 32768, /* net.ipv4.ip_local_port_range, as it is unless it was changed */
        LAST = 60999,
    };
    struct text *name = o->path;
    const char *colon = name->length ? strrchr(name->bytes, ':') : NULL;
    bool is_local = colon && (strncmp(name->bytes, "127.", 4) == 0 || strncmp(name->bytes, "[::1]", 5) == 0);
    int port = is_local ? atoi(colon + 1) : 0;
    if (o->state->chose_ports && port >= FIRST && port <= LAST) {
        name->length = (size_t)(colon + 1 - name->bytes);
        text_add_char(name, '0');
    }
}

static int name_socket(struct open_file *file, const struct text *name) {
    char *copy = name->failed ? NULL : strdup(name->bytes);
    if (!copy) {
        return -ENOMEM;
    }
    free(file->name);
    file->name = copy;
    return 0;
}

static int observe_bind(const struct observed_call *o) {
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || file->kind != OPEN_SOCKET) {
        return 0;
    }
    address_of(o, o->rule->value);
    size_t size = o->path->length;
    o->state->chose_ports |= size > 2 && strcmp(o->path->bytes + size - 2, ":0") == 0;
    int status = name_socket(file, o->path);
    if (status < 0 || !file->is_datagram) {
        return status;
    }
    uint32_t object;
    text_add_string(o->path, " (datagrams)");
    status = o->path->failed ? -ENOMEM : observations_find(o->observations, SUBJECT_LISTENER, o->path->bytes, &object);
    if (status == 0) {
        observations_met(o->observations, object, &o->occasion);
    }
    return status;
}

static int observe_listen(const struct observed_call *o) {
    const struct open_file *file = file_at(o, o->rule->place);
    if (!file || file->kind != OPEN_SOCKET) {
        return 0;
    }
    uint32_t object;
    o->state->has_begun = true;
    int status =
        observations_find(o->observations, SUBJECT_LISTENER, file->name ? file->name : unrecorded_address, &object);
    if (status == 0) {
        observations_met(o->observations, object, &o->occasion);
    }
    return status;
}

/* Connections that the C library makes for itself. */
static bool is_of_the_system(const char *name) {
    return strcmp(name, "unix:/run/nscd/socket") == 0 || strcmp(name, "unix:/var/run/nscd/socket") == 0;
}

/* Datagrams have a peer when one is sent; connecting them asks only for the way there. */
static int observe_connect(const struct observed_call *o) {
    struct open_file *file = file_at(o, o->rule->place);
    if (!file || file->kind != OPEN_SOCKET) {
        return 0;
    }
    address_of(o, o->rule->value);
    hide_chosen_port(o);
    int status = name_socket(file, o->path);
    if (status < 0 || file->is_datagram) {
        return status;
    }
    if (is_of_the_system(o->path->bytes)) {
        file->kind = OPEN_NOTHING;
        return 0;
    }
    o->state->has_begun = true;
    uint32_t object;
    status = observations_add(o->observations, SUBJECT_PEER, o->path->bytes, &object);
    if (status == 0) {
        file->object = object;
        observations_met(o->observations, object, &o->occasion);
    }
    return status;
}

static int observe_accept(const struct observed_call *o) {
    int descriptor = result_descriptor(o);
    const struct open_file *listener = file_at(o, o->rule->place);
    if (descriptor < 0 || !listener) {
        return 0;
    }
    struct open_file file = {.kind = OPEN_SOCKET, .object = NO_OBJECT, .position = POSITION_UNKNOWN};
    int status = observations_add(o->observations, SUBJECT_ACCEPTED,
                                  listener->name ? listener->name : unrecorded_address, &file.object);
    if (status == 0) {
        observations_met(o->observations, file.object, &o->occasion);
        bool on_exec = call_has_flag(o, o->rule->extra, "SOCK_CLOEXEC", SOCK_CLOEXEC);
        status = process_model_open(o->model, o->process, descriptor, &file, on_exec) ? 0 : -ENOMEM;
    }
    return status;
}

/* What a datagram goes to: the address that is given with it, or that of the socket's peer. */
static int datagram_peer(const struct observed_call *o, const struct open_file *file, const struct notation *address,
                         uint32_t *object) {
    enum notation_family family;
    text_clear(o->path);
    if (!address || !notation_address(address->at, (size_t)(address->end - address->at), &family, o->path)) {
        text_add_string(o->path, file->name ? file->name : unrecorded_address);
    }
    hide_chosen_port(o);
    return o->path->failed ? -ENOMEM : observations_find(o->observations, SUBJECT_PEER, o->path->bytes, object);
}

static int send_target(const struct observed_call *o, const struct open_file *file, const struct notation *address,
                       uint32_t *object) {
    *object = file->object;
    if (file->kind != OPEN_SOCKET || !file->is_datagram) {
        return 0;
    }
    int status = datagram_peer(o, file, address, object);
    if (status == 0) {
        observations_met(o->observations, *object, &o->occasion);
    }
    return status;
}

/* `value`: length; `extra`: address. */
static int observe_sendto(const struct observed_call *o) {
    uint64_t length;
    const struct open_file *file = file_at(o, o->rule->place);
    if (!file || !length_written(o, &length) || length > INT64_MAX) {
        return 0;
    }
    bool is_datagram = file->kind == OPEN_SOCKET && file->is_datagram;
    if (!is_counted(file) && !is_datagram) {
        return 0;
    }
    const struct trace_bytes *text = o->rule->extra == NO_ARGUMENT ? NULL : call_text(o, o->rule->extra);
    struct notation address = {text ? text->bytes : NULL, text ? text->bytes + text->size : NULL};
    uint32_t object;
    int status = send_target(o, file, text ? &address : NULL, &object);
    if (status < 0) {
        return status;
    }
    o->state->has_begun = true;
    const struct trace_bytes *bytes = call_text(o, o->rule->place + 1);
    uint64_t seen = bytes ? bytes->size : 0;
    struct written written = {bytes ? (const uint8_t *)bytes->bytes : NULL, seen < length ? seen : length, length};
    uint64_t position = POSITION_UNKNOWN;
    status = write_to(o, object, &position, &written);
    return status < 0 ? status : end_of_message(o, object, is_datagram);
}

/* The message's address and content, if it was decoded. */
static int observe_sendmsg(const struct observed_call *o) {
    uint64_t length;
    const struct open_file *file = file_at(o, o->rule->place);
    if (!file || !call_result(o, &length) || length > INT64_MAX) {
        return 0;
    }
    bool is_datagram = file->kind == OPEN_SOCKET && file->is_datagram;
    if (!is_counted(file) && !is_datagram) {
        return 0;
    }
    const struct trace_bytes *text = call_text(o, o->rule->place + 1);
    struct notation address;
    struct notation vector = {"", ""};
    bool is_addressed = text && notation_member(text->bytes, text->size, "msg_name", &address);
    if (text) {
        notation_member(text->bytes, text->size, "msg_iov", &vector);
    }
    vector.end = vector.at == vector.end ? vector.at : vector.end;
    uint32_t object;
    int status = send_target(o, file, is_addressed ? &address : NULL, &object);
    if (status < 0) {
        return status;
    }
    o->state->has_begun = true;
    status = write_vector(o, object, POSITION_UNKNOWN, length, &vector);
    return status < 0 ? status : end_of_message(o, object, is_datagram);
}

/* How long they were is not recorded. */
static int observe_sendmmsg(const struct observed_call *o) {
    const struct open_file *file = file_at(o, o->rule->place);
    uint64_t messages;
    if (!file || file->kind != OPEN_SOCKET || !call_result(o, &messages)) {
        return 0;
    }
    uint32_t object;
    int status = send_target(o, file, NULL, &object);
    for (uint64_t i = 0; i < messages && i < 1024 && status == 0 && object != NO_OBJECT; i++) {
        status = end_of_message(o, object, true);
    }
    return status;
}

enum {
    NO = NO_ARGUMENT,
};

const struct call_rule stream_rules[] = {
    {"write", observe_write, NO, 0, 2, NO, NULL},
    {"pwrite64", observe_write, NO, 0, 2, 3, NULL},
    {"writev", observe_writev, NO, 0, NO, NO, NULL},
    {"pwritev", observe_writev, NO, 0, NO, 3, NULL},
    {"pwritev2", observe_writev, NO, 0, NO, 3, NULL},
    {"vmsplice", observe_writev, NO, 0, NO, NO, NULL},
    {"read", observe_read, NO, 0, NO, NO, NULL},
    {"pread64", observe_read, NO, 0, NO, 3, NULL},
    {"readv", observe_readv, NO, 0, NO, NO, NULL},
    {"preadv", observe_readv, NO, 0, NO, 3, NULL},
    {"preadv2", observe_readv, NO, 0, NO, 3, NULL},
    {"mmap", observe_mmap, NO, 4, 2, NO, NULL},
    {"mmap2", observe_mmap, NO, 4, 2, NO, NULL},
    {"sendfile", observe_transfer, NO, 0, 1, NO, NULL},
    {"sendfile64", observe_transfer, NO, 0, 1, NO, NULL},
    {"copy_file_range", observe_transfer, NO, 2, 0, 3, NULL},
    {"splice", observe_transfer, NO, 2, 0, 3, NULL},
    {"tee", observe_transfer, NO, 1, 0, NO, NULL},
    {"lseek", observe_lseek, NO, 0, NO, NO, NULL},
    {"close", observe_close, NO, 0, NO, NO, NULL},
    {"close_range", observe_close_range, NO, 0, NO, NO, NULL},
    {"dup", observe_dup, NO, 0, NO, NO, NULL},
    {"dup2", observe_dup, NO, 0, NO, NO, NULL},
    {"dup3", observe_dup, NO, 0, NO, 2, NULL},
    {"fcntl", observe_fcntl, NO, 0, NO, NO, NULL},
    {"fcntl64", observe_fcntl, NO, 0, NO, NO, NULL},
    {"pipe", observe_pair, NO, 0, NO, NO, NULL},
    {"pipe2", observe_pair, NO, 0, NO, 1, NULL},
    {"socketpair", observe_pair, NO, 3, NO, 1, NULL},
    {"eventfd", observe_nothing, NO, NO, NO, NO, NULL},
    {"eventfd2", observe_nothing, NO, NO, NO, NO, NULL},
    {"memfd_create", observe_nothing, NO, NO, NO, NO, NULL},
    {"memfd_secret", observe_nothing, NO, NO, NO, NO, NULL},
    {"epoll_create", observe_nothing, NO, NO, NO, NO, NULL},
    {"epoll_create1", observe_nothing, NO, NO, NO, NO, NULL},
    {"timerfd_create", observe_nothing, NO, NO, NO, NO, NULL},
    {"signalfd", observe_nothing, NO, NO, NO, NO, NULL},
    {"signalfd4", observe_nothing, NO, NO, NO, NO, NULL},
    {"inotify_init", observe_nothing, NO, NO, NO, NO, NULL},
    {"inotify_init1", observe_nothing, NO, NO, NO, NO, NULL},
    {"fanotify_init", observe_nothing, NO, NO, NO, NO, NULL},
    {"userfaultfd", observe_nothing, NO, NO, NO, NO, NULL},
    {"io_uring_setup", observe_nothing, NO, NO, NO, NO, NULL},
    {"pidfd_open", observe_nothing, NO, NO, NO, NO, NULL},
    {"perf_event_open", observe_nothing, NO, NO, NO, NO, NULL},
    {"bpf", observe_nothing, NO, NO, NO, NO, NULL},
    {"socket", observe_socket, NO, 0, 1, NO, NULL},
    {"bind", observe_bind, NO, 0, 1, NO, NULL},
    {"listen", observe_listen, NO, 0, NO, NO, NULL},
    {"connect", observe_connect, NO, 0, 1, NO, NULL},
    {"accept", observe_accept, NO, 0, NO, NO, NULL},
    {"accept4", observe_accept, NO, 0, NO, 3, NULL},
    {"sendto", observe_sendto, NO, 0, 2, 4, NULL},
    {"send", observe_sendto, NO, 0, 2, NO, NULL},
    {"sendmsg", observe_sendmsg, NO, 0, NO, NO, NULL},
    {"sendmmsg", observe_sendmmsg, NO, 0, NO, NO, NULL},
};
const size_t stream_rule_count = sizeof(stream_rules) / sizeof(stream_rules[0]);
