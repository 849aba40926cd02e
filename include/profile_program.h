/* SPDX-License-Identifier: MIT
 *
 * The filter that container runtimes make of a seccomp profile with libseccomp, and
 * what it does with a call: crun and runc make it in the same way.
 *
 * What a profile says and what its filter does are not the same: libseccomp 2.5
 * makes wrong comparisons of 64-bit arguments in some surroundings. So whether a profile is as
 * strict as another one is asked of the filters.
 */
#ifndef RENACER_PROFILE_PROGRAM_H
#define RENACER_PROFILE_PROGRAM_H

#include "seccomp_profile.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile_program {
    struct sock_filter *instructions; /* owned */
    size_t length;
};

/* Make it. 0; -EINVAL with a sentence in `problem`: libseccomp does not take the profile, such as one with two rules
 * that contradict each other; -ENOMEM. Calls that it does not know are left out. */
int profile_program_make(struct profile_program *program, const struct seccomp_profile *profile, char *problem,
                         size_t problem_size);
void profile_program_finish(struct profile_program *program);

/* What it returns for a call: SECCOMP_RET_... with its data. */
uint32_t profile_program_run(const struct profile_program *program, const struct seccomp_data *call);

/* Whether `after`, the program of `profile`, denies and logs whatever `before` does, in the same way: looked at for
 * each call that the profile names, with arguments around those of its conditions. NULL, or the name of a call for
 * which it does not, which lives as long as the profile. */
const char *profile_program_find_weaker(const struct profile_program *before, const struct profile_program *after,
                                        const struct seccomp_profile *profile);

#endif
