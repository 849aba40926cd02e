/* SPDX-License-Identifier: MIT
 *
 * What a handler returns to: the signals that are blocked then, as the kernel has put them on the stack. Frames: struct
 * rt_sigframe in arch/x86/include/asm/sigframe.h, sigcontext in uapi/asm/sigcontext.h.
 */
#include "decode_signals.h"

/* Places of sets of signals, from the stack pointer of the sigreturn. */
enum {
    FRAME_MASK = 40 + 256,                /* behind the beginning of the ucontext and the registers */
    FRAME_MASK_I386 = 12 + 128 + 20 + 88, /* and behind three arguments and the siginfo */
    OLD_FRAME_MASK = 80,                  /* the first 32 signals, among the registers */
    OLD_FRAME_MORE = 88 + 624,            /* the others, behind the registers and those of the FPU */
};

static void show_mask(struct decoding *decoding, uint64_t address, const uint8_t *low, const uint8_t *high) {
    show_open(decoding, NULL, "{");
    if (low && high) {
        show_signals(decoding, "mask", number_in(low, 4) | number_in(high, 4) << 32);
    } else {
        show_address(decoding, "mask", address);
    }
    show_close(decoding, "}");
}

void decode_frame(struct decoding *decoding, uint64_t address) {
    uint64_t place = address + (decoding->arch == ARCH_I386 ? FRAME_MASK_I386 : FRAME_MASK);
    const uint8_t *mask = memory_at(decoding, place, sizeof(uint64_t));
    show_mask(decoding, place, mask, mask ? mask + sizeof(uint32_t) : NULL);
}

void decode_old_frame(struct decoding *decoding, uint64_t address) {
    const uint8_t *low = memory_at(decoding, address + OLD_FRAME_MASK, sizeof(uint32_t));
    const uint8_t *high = memory_at(decoding, address + OLD_FRAME_MORE, sizeof(uint32_t));
    show_mask(decoding, address + OLD_FRAME_MASK, low, high);
}
