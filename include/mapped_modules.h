/* SPDX-License-Identifier: MIT
 *
 * Which code is where in the memory of each process: the mappings that were told
 * of, and the modules that they are of. Modules are shared by all processes that
 * map the same file under the same path: of the same build id if that was told, else of the same inode.
 *
 * Memory: some 200 bytes for each process that has not ended, and 32 for each area of code that it does not share with
 * the one that forked it (at most MAPPINGS_MAX). For each file some 400 bytes and its path, which stay, for at most
 * MODULES_MAX files; what was read of it stays while it is open.
 *
 * Descriptors: one for each open module, and at most MODULE_FILES_MAX of files that were told of and not needed yet.
 */
#ifndef RENACER_MAPPED_MODULES_H
#define RENACER_MAPPED_MODULES_H

#include "mapping.h"
#include "module.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct module_table;   /* all modules of a trace, and all processes */
struct mapped_modules; /* one process's */

enum {
    MODULES_MAX = 65536,    /* files that are told apart; code of others is as if it were in no file */
    MODULES_OPEN_MAX = 96,  /* after module_table_trim() */
    MODULE_FILES_MAX = 128, /* descriptors of modules that are not open yet */
};

/* A file that was mapped; lives as long as the table. */
struct mapped_module {
    const char *path; /* as the program named it, without " (deleted)" */
    bool deleted;
    struct module *module; /* opened at first use: mapped_module_open(). NULL: not yet, or not to be opened */
    int error;             /* errno of why it cannot be opened; 0: it can */
    unsigned number;       /* unique in its table, from 0 */
};

/* 0 or -ENOMEM. The process that creates it takes over files with module_table_map(). In one that was forked from it
 * and goes on, such numbers mean nothing, so they are neither used nor closed there. */
int module_table_create(struct module_table **result);
void module_table_destroy(struct module_table *table);

/* Process `pid` maps this; takes over mapping->file. Without memory it is as if it had not been told. */
void module_table_map(struct module_table *table, pid_t pid, const struct mapping *mapping);
/* A process was created by another one and has its mappings. */
void module_table_fork(struct module_table *table, pid_t pid, pid_t parent);
/* A process runs another program: it has none until it is told of some. What it had is module_table_former() until the
 * next exec or module_table_end(). */
void module_table_exec(struct module_table *table, pid_t pid);
void module_table_end(struct module_table *table, pid_t pid);

/* Close those open modules that were used longest ago, if they are more than MODULES_OPEN_MAX; they are opened again
 * when they are needed. True: some were, and all that they gave (strings, struct module, struct debug_info) is gone.
 * Nothing else closes a module before module_table_destroy(), so call it between records. */
bool module_table_trim(struct module_table *table);

/* NULL: nothing is known of the process. Valid until the next exec, fork to this pid, or end of it. */
struct mapped_modules *module_table_of(struct module_table *table, pid_t pid);
struct mapped_modules *module_table_former(struct module_table *table, pid_t pid);

/* What is mapped at `ip`: its module with the address in it, as it was linked; NULL: in no file, or not known. The
 * module may have an error; *address is then the offset in the file. Opens it, the first time. */
struct mapped_module *mapped_modules_find(struct mapped_modules *modules, uint64_t ip, uint64_t *address);

/* Its module, opened if it was not yet; NULL if that is impossible (`error`; 0: for the moment, without descriptors or
 * memory). A file is opened by its path only if it still is the one that was mapped. */
struct module *mapped_module_open(struct mapped_module *mapped);

#endif
