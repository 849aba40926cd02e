/* SPDX-License-Identifier: MIT
 *
 * Outputs of prctl(2) and arch_prctl(2), and arguments of kexec_load(2) and _sysctl(2).
 */
#include "decode_processes.h"

/* ------------------------------------------------------------------ one number alone */

void show_one(struct decoding *decoding, uint64_t address, enum arg_type set) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(uint32_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    show_set(decoding, NULL, set, number_in(bytes, sizeof(uint32_t)));
    show_close(decoding, "]");
}

void decode_pdeathsig(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_SIGNO);
}

void decode_tsc(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_PR_TSC);
}

void decode_unalign(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_PR_UNALIGN);
}

/* Of PR_SCHED_CORE_GET; other commands have nothing there. */
void decode_cookie(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(uint64_t));
    if (!bytes || argument_of(decoding, 1)) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    show_hex(decoding, NULL, number_in(bytes, sizeof(uint64_t)));
    show_close(decoding, "]");
}

void decode_xfeatures(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(uint64_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    show_set(decoding, NULL, A_XFEATURE_SET, number_in(bytes, sizeof(uint64_t)));
    show_close(decoding, "]");
}

/* ------------------------------------------------------------------------ the kernel */

void decode_sysctl(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, (size_t)6 * word_bytes(decoding));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_address(decoding, "name", take_word(&members));
    show_signed(decoding, "nlen", take_i32(&members));
    show_address(decoding, "oldval", take_word(&members));
    show_address(decoding, "oldlenp", take_word(&members));
    show_address(decoding, "newval", take_word(&members));
    show_unsigned(decoding, "newlen", take_word(&members));
    show_close(decoding, "}");
}

static void show_segment(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct members members = members_of(decoding, element);
    show_open(decoding, NULL, "{");
    show_address(decoding, "buf", take_word(&members));
    show_unsigned(decoding, "bufsz", take_word(&members));
    show_address(decoding, "mem", take_word(&members));
    show_unsigned(decoding, "memsz", take_word(&members));
    show_close(decoding, "}");
}

void decode_kexec_segments(struct decoding *decoding, uint64_t address) {
    enum {
        SEGMENTS_MAX = 16, /* KEXEC_SEGMENT_MAX: linux/kexec.h */
    };
    uint64_t count = referenced(decoding);
    if (count > SEGMENTS_MAX) {
        show_address(decoding, NULL, address);
    } else {
        show_vector(decoding, NULL, address, count, 4 * word_bytes(decoding), show_segment, NULL);
    }
}
