/* SPDX-License-Identifier: MIT
 *
 * futex_waitv(2): what is waited for.
 */
#include "decode_waiting.h"

#include <linux/futex.h>

static void show_waiter(struct decoding *decoding, const uint8_t *element, void *context) {
    uint64_t *left = context;
    struct members members = members_of(decoding, element);
    show_open(decoding, NULL, "{");
    show_hex(decoding, "val", take_u64(&members));
    show_address(decoding, "uaddr", take_u64(&members));
    show_set(decoding, "flags", A_FUTEX_WAITER, take_u32(&members));
    uint32_t reserved = take_u32(&members);
    if (reserved) {
        show_hex(decoding, "__reserved", reserved);
    }
    show_close(decoding, "}");
    if (--*left == 0) {
        show_dots(decoding);
    }
}

void decode_waiters(struct decoding *decoding, uint64_t address) {
    uint32_t count = (uint32_t)referenced(decoding);
    uint64_t left = count > FUTEX_WAITV_MAX ? FUTEX_WAITV_MAX : UINT64_MAX; /* the kernel takes no more */
    show_vector(decoding, NULL, address, count > FUTEX_WAITV_MAX ? FUTEX_WAITV_MAX : count, sizeof(struct futex_waitv),
                show_waiter, &left);
}
