/* SPDX-License-Identifier: MIT
 *
 * Sizes of things that lie one behind the other, aligned to 8.
 */
#ifndef RENACER_ALIGN_H
#define RENACER_ALIGN_H

#include <stddef.h>

static inline size_t padded(size_t size) {
    return (size + 7) & ~(size_t)7;
}

#endif
