/* SPDX-License-Identifier: MIT */
#include "allocations.h"

#include "area_names.h"
#include "line_ranges.h"
#include "trace_value.h"

#include <errno.h>
#include <linux/mman.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PAGE = 4096,
    SINGLES_MAX = LINES_LEFT_OUT_MAX, /* calls that are named by themselves */
    SINGLE_SHARE = 16, /* which have at least such a part of the peak: there cannot be more than so many */
    LARGE_MAX = 2 * SINGLE_SHARE,
    REPEATED_MAX = 4,         /* mappings of the same memory in a golden trace */
    PIECES_OF_REMOVAL_MAX = 2 /* that are left where pieces are taken out: before and behind */
};

enum origin {
    ORIGIN_BRK,
    ORIGIN_MMAP,
    ORIGIN_MREMAP,
    ORIGINS,
};

/* Memory without a file. */
struct piece {
    uint64_t start, end;
    uint64_t first_line, last_line;
    uint32_t calls;
    enum origin origin : 8;
    bool accessible; /* else it is reserved alone */
};

/* What there is of one origin. */
struct share {
    uint64_t bytes;
    uint64_t calls;
};

/* What there is that can be used, as far as it is told who has it. */
struct holding {
    uint64_t bytes;
    struct share shares[ORIGINS];
    struct piece large[LARGE_MAX]; /* all that have a large part of the most that there was, and others; in no order */
    size_t large_count;
};

struct allocations {
    struct area_names names;
    size_t pieces;
    bool is_golden;
    bool in_registers;
    const char *problem;
};

struct memory_space {
    struct allocations *allocations;
    int64_t process;
    uint32_t users;
    bool knows_break;
    uint64_t end_of_heap;
    struct piece *pieces; /* by address; they do not overlap */
    size_t count;
    size_t room;
    struct holding now;
    struct line_ranges lines[ORIGINS]; /* of what can be used now */
    struct holding most;               /* as it was when there was most */
    struct line_edges most_lines[ORIGINS];
    struct memory_peak peak;
};

/* --------------------------------------------------------------------- spaces */

struct allocations *allocations_create(bool is_golden, bool in_registers) {
    struct allocations *allocations = calloc(1, sizeof(*allocations));
    if (allocations) {
        allocations->is_golden = is_golden;
        allocations->in_registers = in_registers;
    }
    return allocations;
}

void allocations_destroy(struct allocations *allocations) {
    if (!allocations) {
        return;
    }
    area_names_finish(&allocations->names);
    free(allocations);
}

const char *allocations_problem(const struct allocations *allocations) {
    return allocations->problem;
}

struct memory_space *memory_space_create(struct allocations *allocations, int64_t process) {
    struct memory_space *space = calloc(1, sizeof(*space));
    if (space) {
        space->allocations = allocations;
        space->process = process;
        space->users = 1;
        space->peak.process = process;
    }
    return space;
}

/* Room for that many pieces; false: too many are there, which is remembered. -ENOMEM, or 1 or 0. */
static int make_room(struct memory_space *space, size_t count) {
    struct allocations *allocations = space->allocations;
    if (count > space->count && allocations->pieces + (count - space->count) > MEMORY_PIECES_MAX) {
        allocations->problem = "the trace has more than 65536 pieces of memory at a time";
        return 0;
    }
    if (count > space->room) {
        size_t room = space->room ? space->room * 2 : 16;
        room = room < count ? count : room;
        for (enum origin i = 0; i < ORIGINS; i++) {
            if (line_ranges_reserve(&space->lines[i], room) < 0) {
                return -ENOMEM;
            }
        }
        struct piece *pieces = reallocarray(space->pieces, room, sizeof(*pieces));
        if (!pieces) {
            return -ENOMEM;
        }
        space->pieces = pieces;
        space->room = room;
    }
    return 1;
}

/* There has not been more than now. */
static void remember(struct memory_space *space) {
    space->most = space->now;
    for (enum origin i = 0; i < ORIGINS; i++) {
        line_ranges_edges(&space->lines[i], &space->most_lines[i]);
    }
}

struct memory_space *memory_space_copy(const struct memory_space *space, int64_t process) {
    struct memory_space *copy = memory_space_create(space->allocations, process);
    int status = copy ? make_room(copy, space->count) : -ENOMEM;
    if (status < 0) {
        memory_space_drop(copy);
        return NULL;
    }
    copy->knows_break = space->knows_break;
    copy->end_of_heap = space->end_of_heap;
    if (status > 0 && space->count) {
        memcpy(copy->pieces, space->pieces, space->count * sizeof(*space->pieces));
        copy->count = space->count;
        for (enum origin i = 0; i < ORIGINS; i++) {
            copy->lines[i].count = space->lines[i].count;
            memcpy(copy->lines[i].ranges, space->lines[i].ranges, space->lines[i].count * sizeof(struct line_range));
        }
        copy->now = space->now;
        remember(copy);
        copy->allocations->pieces += space->count;
    }
    return copy;
}

struct memory_space *memory_space_share(struct memory_space *space) {
    space->users++;
    return space;
}

void memory_space_drop(struct memory_space *space) {
    if (space && --space->users == 0) {
        space->allocations->pieces -= space->count;
        for (enum origin i = 0; i < ORIGINS; i++) {
            line_ranges_finish(&space->lines[i]);
        }
        free(space->pieces);
        free(space);
    }
}

/* ----------------------------------------------------------------------- peaks */

static uint64_t size_of(const struct piece *piece) {
    return piece->end - piece->start;
}

/* Only those that still are. */
static void sort_out_large(struct memory_space *space) {
    struct holding *now = &space->now;
    size_t kept = 0;
    for (size_t i = 0; i < now->large_count; i++) {
        if (size_of(&now->large[i]) >= space->most.bytes / SINGLE_SHARE) {
            now->large[kept++] = now->large[i];
        }
    }
    now->large_count = kept;
}

/* A piece is there from now on. */
static void count_in(struct memory_space *space, const struct piece *piece) {
    struct holding *now = &space->now;
    if (!piece->accessible) {
        return;
    }
    now->bytes += size_of(piece);
    now->shares[piece->origin].bytes += size_of(piece);
    now->shares[piece->origin].calls += piece->calls;
    line_ranges_add(&space->lines[piece->origin],
                    &(struct line_range){piece->start, piece->first_line, piece->last_line});
    if (piece->calls != 1 || size_of(piece) < space->most.bytes / SINGLE_SHARE) {
        return;
    }
    if (now->large_count == LARGE_MAX) {
        sort_out_large(space);
    }
    if (now->large_count < LARGE_MAX) {
        now->large[now->large_count++] = *piece;
    }
}

/* It is not there any more. */
static void count_out(struct memory_space *space, const struct piece *piece) {
    struct holding *now = &space->now;
    if (!piece->accessible) {
        return;
    }
    now->bytes -= size_of(piece);
    now->shares[piece->origin].bytes -= size_of(piece);
    now->shares[piece->origin].calls -= piece->calls;
    line_ranges_remove(&space->lines[piece->origin],
                       &(struct line_range){piece->start, piece->first_line, piece->last_line});
    for (size_t i = 0; i < now->large_count; i++) {
        if (now->large[i].start == piece->start) {
            now->large[i] = now->large[--now->large_count];
            break;
        }
    }
}

static int larger_first(const void *left, const void *right) {
    const struct memory_block *a = left;
    const struct memory_block *b = right;
    if (a->bytes != b->bytes) {
        return a->bytes > b->bytes ? -1 : 1;
    }
    return (a->first_line > b->first_line) - (a->first_line < b->first_line);
}

static int larger_piece_first(const void *left, const void *right) {
    const struct piece *a = left;
    const struct piece *b = right;
    if (size_of(a) != size_of(b)) {
        return size_of(a) > size_of(b) ? -1 : 1;
    }
    return (a->first_line > b->first_line) - (a->first_line < b->first_line);
}

const struct memory_peak *memory_space_peak(struct memory_space *space) {
    static const char *const names[ORIGINS] = {"brk", "mmap", "mremap"};
    struct memory_peak *peak = &space->peak;
    struct holding most = space->most;
    struct line_range named[SINGLES_MAX];
    peak->bytes = (double)most.bytes;
    peak->block_count = 0;
    qsort(most.large, most.large_count, sizeof(*most.large), larger_piece_first);
    for (size_t i = 0; i < most.large_count && i < SINGLES_MAX; i++) {
        const struct piece *piece = &most.large[i];
        if (size_of(piece) < most.bytes / SINGLE_SHARE) {
            break;
        }
        named[i] = (struct line_range){piece->start, piece->first_line, piece->last_line};
        most.shares[piece->origin].bytes -= size_of(piece);
        most.shares[piece->origin].calls--;
        peak->blocks[peak->block_count++] = (struct memory_block){.call = names[piece->origin],
                                                                  .is_single = true,
                                                                  .calls = 1,
                                                                  .bytes = (double)size_of(piece),
                                                                  .first_line = piece->first_line,
                                                                  .last_line = piece->last_line};
    }
    size_t named_count = peak->block_count;
    for (enum origin i = 0; i < ORIGINS; i++) {
        const struct share *rest = &most.shares[i];
        struct line_range lines;
        if (rest->bytes > 0 && line_edges_rest(&space->most_lines[i], named, named_count, &lines)) {
            peak->blocks[peak->block_count++] = (struct memory_block){.call = names[i],
                                                                      .calls = rest->calls ? (double)rest->calls : 1,
                                                                      .bytes = (double)rest->bytes,
                                                                      .first_line = lines.first_line,
                                                                      .last_line = lines.last_line};
        }
    }
    qsort(peak->blocks, peak->block_count, sizeof(*peak->blocks), larger_first);
    return peak;
}

_Static_assert(SINGLES_MAX + ORIGINS <= MEMORY_BLOCKS_MAX, "all blocks have a place");

/* ---------------------------------------------------------------------- pieces */

static bool is_of_same_calls(const struct piece *a, const struct piece *b) {
    return a->origin == b->origin && a->first_line == b->first_line && a->last_line == b->last_line;
}

/* The first piece that ends behind the address. */
static size_t find_piece(const struct memory_space *space, uint64_t address) {
    size_t low = 0;
    size_t high = space->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (space->pieces[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Put `count` pieces in the place of `removed` ones from `at` on. 0 or -ENOMEM. */
static int replace_pieces(struct memory_space *space, size_t at, size_t removed, const struct piece *pieces,
                          size_t count) {
    int status = make_room(space, space->count - removed + count);
    if (status <= 0) {
        return status;
    }
    for (size_t i = at; i < at + removed; i++) {
        count_out(space, &space->pieces[i]);
    }
    memmove(&space->pieces[at + count], &space->pieces[at + removed],
            (space->count - at - removed) * sizeof(*space->pieces));
    for (size_t i = 0; i < count; i++) {
        space->pieces[at + i] = pieces[i];
        count_in(space, &pieces[i]);
    }
    space->allocations->pieces += count;
    space->allocations->pieces -= removed;
    space->count = space->count - removed + count;
    return 0;
}

/* From now on nothing without a file is in [start, end). */
static int clear_range(struct memory_space *space, uint64_t start, uint64_t end) {
    size_t first = find_piece(space, start);
    size_t behind = first;
    while (behind < space->count && space->pieces[behind].start < end) {
        behind++;
    }
    if (behind == first) {
        return 0;
    }
    struct piece left[PIECES_OF_REMOVAL_MAX];
    size_t count = 0;
    if (space->pieces[first].start < start) {
        left[count] = space->pieces[first];
        left[count++].end = start;
    }
    if (space->pieces[behind - 1].end > end) {
        left[count] = space->pieces[behind - 1];
        left[count].start = end;
        if (count == 1 && is_of_same_calls(&left[0], &left[1])) {
            left[1].calls = 0; /* it is cut in two */
        }
        count++;
    }
    return replace_pieces(space, first, behind - first, left, count);
}

static int put_piece(struct memory_space *space, const struct piece *piece) {
    int status = clear_range(space, piece->start, piece->end);
    size_t at = find_piece(space, piece->start);
    struct piece *before = at > 0 ? &space->pieces[at - 1] : NULL;
    /* The heap is one piece, however often it grows. */
    if (status == 0 && before && piece->origin == ORIGIN_BRK && before->origin == ORIGIN_BRK &&
        before->end == piece->start && before->accessible) {
        count_out(space, before);
        before->end = piece->end;
        before->last_line = piece->last_line;
        before->calls += piece->calls;
        count_in(space, before);
        return 0;
    }
    return status < 0 ? status : replace_pieces(space, at, 0, piece, 1);
}

/* The piece goes on where the one before it ends, and is of the same call: one piece. */
static void join(struct memory_space *space, size_t at) {
    if (at == 0 || at >= space->count) {
        return;
    }
    struct piece *before = &space->pieces[at - 1];
    struct piece *piece = &space->pieces[at];
    if (before->end == piece->start && before->accessible == piece->accessible && is_of_same_calls(before, piece)) {
        count_out(space, before);
        count_out(space, piece);
        before->end = piece->end;
        before->calls = before->calls > piece->calls ? before->calls : piece->calls;
        count_in(space, before);
        memmove(piece, piece + 1, (space->count - at - 1) * sizeof(*piece));
        space->count--;
        space->allocations->pieces--;
    }
}

/* Memory in [start, end) can be used from now on, or not. */
static int protect_range(struct memory_space *space, uint64_t start, uint64_t end, bool accessible) {
    for (size_t i = find_piece(space, start); i < space->count && space->pieces[i].start < end; i++) {
        struct piece piece = space->pieces[i];
        if (piece.accessible == accessible) {
            continue;
        }
        struct piece parts[3];
        size_t count = 0;
        if (piece.start < start) {
            parts[count] = piece;
            parts[count++].end = start;
            piece.start = start;
        }
        parts[count] = piece;
        parts[count].accessible = accessible;
        if (piece.end > end) {
            parts[count].end = end;
            parts[++count] = piece;
            parts[count].start = end;
            parts[count].calls = count == 2 && !accessible ? 0 : piece.calls; /* it is cut in two */
        }
        count++;
        int status = replace_pieces(space, i, 1, parts, count);
        if (status < 0 || space->allocations->problem) {
            return status;
        }
        size_t pieces = space->count;
        join(space, i + count);
        join(space, i);
        i += count - 1 - (pieces - space->count);
    }
    return 0;
}

/* ------------------------------------------------------------------- addresses */

static int parse_name(struct allocations *allocations, const struct trace_bytes *text, uint64_t *address) {
    int status = allocations->is_golden ? area_names_parse(&allocations->names, text, address) : 0;
    if (status == -E2BIG) {
        allocations->problem = "the trace has more than 65536 names of memory";
        status = 0;
    }
    return status;
}

/* A number or a name: 1, 0 if it is none that can be followed, -ENOMEM. */
static int parse_address(struct allocations *allocations, const struct trace_call *call, unsigned index,
                         uint64_t *address) {
    if (trace_number(call, index, address)) {
        return 1;
    }
    return index < call->argument_count ? parse_name(allocations, &call->arguments[index].text, address) : 0;
}

static int parse_result(struct allocations *allocations, const struct trace_call *call, uint64_t *address) {
    if (call->has_result) {
        *address = (uint64_t)call->result;
        return 1;
    }
    return parse_name(allocations, &call->result_ref, address);
}

/* Whole pages; false where that is no range of addresses. */
static bool range_of(uint64_t start, uint64_t length, uint64_t *end) {
    uint64_t last;
    return start % PAGE == 0 && !__builtin_add_overflow(start, length, &last) &&
           !__builtin_add_overflow(last, PAGE - 1, &last) && (*end = last & ~(uint64_t)(PAGE - 1)) > start;
}

/* ----------------------------------------------------------------------- calls */

static struct piece new_piece(uint64_t start, uint64_t end, enum origin origin, uint64_t line) {
    return (struct piece){.start = start,
                          .end = end,
                          .first_line = line,
                          .last_line = line,
                          .calls = 1,
                          .origin = origin,
                          .accessible = true};
}

/* The pages that a call is about: its first argument, and the length behind it. 1, 0, -ENOMEM. */
static int parse_range(struct memory_space *space, const struct trace_call *call, uint64_t *start, uint64_t *end) {
    uint64_t length;
    int status = parse_address(space->allocations, call, 0, start);
    return status <= 0 ? status : trace_number(call, 1, &length) && range_of(*start, length, end);
}

static bool is_accessible(const struct trace_call *call, unsigned index) {
    uint64_t number;
    if (trace_number(call, index, &number)) {
        return number != PROT_NONE;
    }
    return !call_argument_has(call, index, "PROT_NONE", 0);
}

/* What was where a mapping of a golden trace is put: it has another name than what is there now. */
static int clear_old_name(struct memory_space *space, const struct trace_call *call, uint64_t length) {
    uint64_t start;
    uint64_t end;
    int status = parse_address(space->allocations, call, 0, &start);
    return status > 0 && range_of(start, length, &end) ? clear_range(space, start, end) : status < 0 ? status : 0;
}

static int take_mmap(struct memory_space *space, const struct trace_call *call, uint64_t line) {
    enum {
        LENGTH = 1,
        PROTECTION = 2,
        FLAGS = 3,
    };
    uint64_t start;
    uint64_t end;
    uint64_t length;
    bool is_fixed = call_argument_has(call, FLAGS, "MAP_FIXED", MAP_FIXED);
    int status = parse_result(space->allocations, call, &start);
    if (status <= 0 || !trace_number(call, LENGTH, &length) || !range_of(start, length, &end)) {
        return status < 0 ? status : 0;
    }
    status = is_fixed && space->allocations->is_golden ? clear_old_name(space, call, length) : 0;
    bool is_memory = call_argument_has(call, FLAGS, "MAP_ANONYMOUS", MAP_ANONYMOUS);
    struct piece piece = new_piece(start, end, ORIGIN_MMAP, line);
    piece.accessible = is_accessible(call, PROTECTION);
    if (space->allocations->in_registers) {
        /* Flags are not recorded. What can be written to is taken to be memory, and so is what nobody may touch yet. */
        is_memory = call_argument_has(call, PROTECTION, "PROT_WRITE", PROT_WRITE) || !piece.accessible;
    }
    if (status == 0 && is_memory) {
        return put_piece(space, &piece);
    }
    /* In a golden trace all mappings of a file have the same name: a new one does not end the others. */
    bool replaces = is_fixed || !space->allocations->is_golden;
    return status == 0 && replaces ? clear_range(space, start, end) : status;
}

static bool is_empty(const struct memory_space *space, uint64_t start, uint64_t end) {
    size_t at = find_piece(space, start);
    return at == space->count || space->pieces[at].start >= end;
}

/* Memory that is mapped several times has one name in a golden trace, and a place for each: the first one that has
 * something, or that has nothing. */
static uint64_t repeated_at(const struct memory_space *space, uint64_t start, uint64_t end, bool has_something) {
    for (uint64_t i = 0; start >= AREA_ADDRESSES && end <= AREA_ADDRESSES_END && i < REPEATED_MAX; i++) {
        uint64_t more = i * (AREA_ADDRESSES_END - AREA_ADDRESSES);
        if (is_empty(space, start + more, end + more) != has_something) {
            return start + more;
        }
    }
    return start;
}

static int take_munmap(struct memory_space *space, const struct trace_call *call) {
    uint64_t start;
    uint64_t end;
    int status = parse_range(space, call, &start, &end);
    if (status <= 0) {
        return status;
    }
    uint64_t place = space->allocations->is_golden ? repeated_at(space, start, end, true) : start;
    return clear_range(space, place, end - start + place);
}

static int take_mprotect(struct memory_space *space, const struct trace_call *call) {
    uint64_t start;
    uint64_t end;
    int status = parse_range(space, call, &start, &end);
    if (status <= 0) {
        return status;
    }
    return protect_range(space, start, end, is_accessible(call, 2));
}

static int take_brk(struct memory_space *space, const struct trace_call *call, uint64_t line) {
    uint64_t end;
    int status = parse_result(space->allocations, call, &end);
    if (status <= 0 || __builtin_add_overflow(end, PAGE - 1, &end)) {
        return status < 0 ? status : 0;
    }
    end &= ~(uint64_t)(PAGE - 1);
    uint64_t before = space->knows_break ? space->end_of_heap : end;
    space->knows_break = true;
    space->end_of_heap = end;
    if (end > before) {
        struct piece piece = new_piece(before, end, ORIGIN_BRK, line);
        return put_piece(space, &piece);
    }
    return end < before ? clear_range(space, end, before) : 0;
}

/* Take what lies in [start, end) out into a list that begins at 0; the caller frees it. */
static int cut_out(struct memory_space *space, uint64_t start, uint64_t end, struct piece **pieces, size_t *count) {
    size_t first = find_piece(space, start);
    size_t behind = first;
    while (behind < space->count && space->pieces[behind].start < end) {
        behind++;
    }
    *count = behind - first;
    *pieces = calloc(*count + 1, sizeof(**pieces));
    if (!*pieces) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < *count; i++) {
        struct piece *piece = &(*pieces)[i];
        *piece = space->pieces[first + i];
        piece->start = piece->start < start ? 0 : piece->start - start;
        piece->end = (piece->end > end ? end : piece->end) - start;
    }
    return clear_range(space, start, end);
}

/* Put pieces to another place, of the size `size`: what lies behind is lost, and the last one grows. */
static int move_to(struct memory_space *space, uint64_t to, uint64_t old_size, uint64_t size, uint64_t line,
                   const struct piece *pieces, size_t count) {
    int status = clear_range(space, to, to + size);
    for (size_t i = 0; i < count && status == 0; i++) {
        struct piece piece = pieces[i];
        if (piece.start >= size) {
            break;
        }
        bool grows = piece.end == old_size && size > old_size;
        piece.end = piece.end > size || grows ? size : piece.end;
        if (grows && piece.origin != ORIGIN_BRK) {
            piece.origin = ORIGIN_MREMAP;
            piece.first_line = piece.last_line = line;
        }
        piece.start += to;
        piece.end += to;
        status = put_piece(space, &piece);
    }
    return status;
}

/* What is at `from` stays there, and is at `to` as well. */
static int map_again(struct memory_space *space, uint64_t from, uint64_t to, uint64_t end, uint64_t line) {
    size_t at = find_piece(space, from);
    if (at == space->count || space->pieces[at].start > from) {
        return from == to ? 0 : clear_range(space, to, end); /* of a file */
    }
    /* In a golden trace both have the same name. */
    uint64_t place = from == to ? repeated_at(space, to, end, false) : to;
    struct piece piece = new_piece(place, end - to + place, ORIGIN_MREMAP, line);
    piece.accessible = space->pieces[at].accessible;
    return put_piece(space, &piece);
}

static int take_mremap(struct memory_space *space, const struct trace_call *call, uint64_t line) {
    enum {
        OLD_LENGTH = 1,
        NEW_LENGTH = 2,
        FLAGS = 3,
    };
    uint64_t from;
    uint64_t to;
    uint64_t end;
    uint64_t new_end;
    uint64_t length;
    uint64_t new_length;
    int status = parse_address(space->allocations, call, 0, &from);
    status = status > 0 ? parse_result(space->allocations, call, &to) : status;
    if (status <= 0 || !trace_number(call, OLD_LENGTH, &length) || !trace_number(call, NEW_LENGTH, &new_length) ||
        !range_of(to, new_length, &new_end)) {
        return status < 0 ? status : 0;
    }
    /* With a length of 0 the same memory is mapped once more, as far as the new length reaches. */
    if (length == 0 || call_argument_has(call, FLAGS, "MREMAP_DONTUNMAP", MREMAP_DONTUNMAP)) {
        return map_again(space, from, to, new_end, line);
    }
    if (!range_of(from, length, &end)) {
        return 0;
    }
    struct piece *pieces;
    size_t count;
    status = cut_out(space, from, end, &pieces, &count);
    if (status == 0) {
        status = move_to(space, to, end - from, new_end - to, line, pieces, count);
    }
    free(pieces);
    return status;
}

int memory_space_call(struct memory_space *space, const struct trace_call *call, enum call_effect effect,
                      uint64_t line) {
    int status = 0;
    if (space->allocations->problem) {
        return 0;
    }
    switch (effect) {
    case EFFECT_MMAP:
        status = take_mmap(space, call, line);
        break;
    case EFFECT_MUNMAP:
        status = take_munmap(space, call);
        break;
    case EFFECT_MREMAP:
        status = take_mremap(space, call, line);
        break;
    case EFFECT_MPROTECT:
        status = take_mprotect(space, call);
        break;
    case EFFECT_BRK:
        status = take_brk(space, call, line);
        break;
    default:
        break;
    }
    if (space->now.bytes > space->most.bytes) {
        remember(space);
    }
    return status;
}
