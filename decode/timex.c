/* SPDX-License-Identifier: MIT
 *
 * The kernel's clock as adjtimex(2) tells it.
 */
#include "decode_time.h"

enum {
    TIMEX_SIZE = 208,
    TIMEX_SIZE_I386 = 128,
};

static void show_longs(struct decoding *decoding, struct members *members, const char *const *names, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        show_signed(decoding, names[i], take_long(members));
    }
}

#define SHOW_LONGS(decoding, members, ...)                                                                             \
    show_longs(decoding, members, (const char *const[]){__VA_ARGS__},                                                  \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void show_timex(struct decoding *decoding, uint64_t address, enum arch arch) {
    const uint8_t *bytes = memory_at(decoding, address, arch == ARCH_I386 ? TIMEX_SIZE_I386 : TIMEX_SIZE);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = {.bytes = bytes, .arch = arch};
    show_open(decoding, NULL, "{");
    show_set(decoding, "modes", A_TIMEX_MODES, take_u32(&members));
    SHOW_LONGS(decoding, &members, "offset", "freq", "maxerror", "esterror");
    show_set(decoding, "status", A_TIMEX_STATUS, take_u32(&members));
    SHOW_LONGS(decoding, &members, "constant", "precision", "tolerance");
    show_open(decoding, "time", "{");
    show_signed(decoding, "tv_sec", take_long(&members));
    show_unsigned(decoding, "tv_usec", take_word(&members));
    show_close(decoding, "}");
    SHOW_LONGS(decoding, &members, "tick", "ppsfreq", "jitter");
    show_signed(decoding, "shift", take_i32(&members));
    SHOW_LONGS(decoding, &members, "stabil", "jitcnt", "calcnt", "errcnt", "stbcnt");
    show_signed(decoding, "tai", take_i32(&members));
    show_close(decoding, "}");
}

void decode_timex(struct decoding *decoding, uint64_t address) {
    show_timex(decoding, address, decoding->arch);
}

void decode_timex64(struct decoding *decoding, uint64_t address) {
    show_timex(decoding, address, ARCH_X86_64);
}
