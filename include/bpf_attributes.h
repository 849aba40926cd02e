/* SPDX-License-Identifier: MIT
 *
 * The attributes of bpf(2) as rows of tables (decode/bpf.c), and how one is shown (decode/bpf_attribute.c).
 */
#ifndef RENACER_BPF_ATTRIBUTES_H
#define RENACER_BPF_ATTRIBUTES_H

#include "decoding.h"

enum attribute_kind {
    ATTRIBUTE_UNSIGNED,
    ATTRIBUTE_HEX,
    ATTRIBUTE_POINTER,
    ATTRIBUTE_SET,
    ATTRIBUTE_DESCRIPTOR,
    ATTRIBUTE_PROCESS,
    ATTRIBUTE_INTERFACE,
    ATTRIBUTE_NODE, /* of NUMA, if a flag says that there is one */
    ATTRIBUTE_NAME, /* characters, as many of them as there are */
    ATTRIBUTE_VERSION,
    ATTRIBUTE_EXTRA,    /* a number that can be all bits */
    ATTRIBUTE_STRING,   /* where one is */
    ATTRIBUTE_PATH,     /* the same, of a file */
    ATTRIBUTE_TEXT,     /* a string for which there is as much room as `other` says */
    ATTRIBUTE_BYTES,    /* as many as `other` says */
    ATTRIBUTE_PROGRAM,  /* instructions, whose count stands before them */
    ATTRIBUTE_IDS,      /* numbers, as many as `other` says */
    ATTRIBUTE_CHANGED,  /* a number that the call changes */
    ATTRIBUTE_REPLACED, /* a descriptor, if a flag before it says so */
    ATTRIBUTE_LINK,     /* what the type of the link asks for */
};

struct attribute {
    const char *name;
    enum attribute_kind kind;
    enum arg_type set;
    uint8_t offset;
    uint8_t size;
    bool is_later; /* it, and what stands behind it, is not in smaller unions of older programs */
    uint8_t other; /* where another one stands, a number of 4 bytes */
};

struct command {
    const struct attribute *attributes;
    unsigned count;
    uint8_t known;    /* bytes in which they are */
    const char *name; /* of the structure in which they are; NULL: they are members of the union itself */
};

/* Those of one call. */
struct attributes {
    uint8_t before[128]; /* zeroes behind `size` */
    uint8_t now[128];    /* as the call has left them */
    bool is_delivered;   /* what is in `now` is */
    uint32_t size;
    uint32_t known;
};

void show_attribute(struct decoding *decoding, const struct attribute *attribute, struct attributes *attributes);

/* `count` instructions of a program of eBPF: only with -v. */
void show_instructions(struct decoding *decoding, const char *name, uint64_t address, uint64_t count);

#endif
