/* SPDX-License-Identifier: MIT
 *
 * Which code is where in the memory of each process: the mappings that were told
 * of, and the modules that they are of. Modules are shared by all processes that
 * map the same file.
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

/* A file that was mapped; lives as long as the table. */
struct mapped_module {
    const char *path; /* as the program named it, without " (deleted)" */
    bool deleted;
    struct module *module; /* opened at first use: mapped_module_open(). NULL: not yet, or not to be opened */
    int error;             /* errno of why it cannot be opened; 0: it can */
    unsigned number;       /* unique in its table, from 0 */
};

/* 0 or -ENOMEM. */
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

/* NULL: nothing is known of the process. */
struct mapped_modules *module_table_of(struct module_table *table, pid_t pid);
struct mapped_modules *module_table_former(struct module_table *table, pid_t pid);

/* What is mapped at `ip`: its module with the address in it, as it was linked; NULL: in no file, or not known. The
 * module may have an error; *address is then the offset in the file. */
struct mapped_module *mapped_modules_find(struct mapped_modules *modules, uint64_t ip, uint64_t *address);

/* Its module, opened if it was not yet; NULL if that is impossible (`error`). */
struct module *mapped_module_open(struct mapped_module *mapped);

#endif
