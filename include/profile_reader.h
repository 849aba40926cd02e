/* SPDX-License-Identifier: MIT
 *
 * Reading a seccomp profile: the object linux.seccomp of the OCI runtime
 * specification, or what docker and podman take, which has conditions
 * (capabilities, architectures, kernel) on whole rules. Those are resolved here,
 * for a container on this machine.
 *
 * It says what a container may not do, so nothing in it is guessed: what runtimes
 * could read in another way, a member that stands twice, is refused.
 */
#ifndef RENACER_PROFILE_READER_H
#define RENACER_PROFILE_READER_H

#include "seccomp_profile.h"

/* The container and the machine that a profile is for. */
struct profile_target {
    const struct name_list *capabilities; /* of the container: "CAP_CHOWN" */
    unsigned kernel[2];                   /* 6, 18 */
};

/* On what the rules depended that were taken or left out. */
struct profile_dependence {
    bool capabilities;
    bool kernel;
};

/* Read the `size` bytes of JSON at `text`, behind which there is a NUL, into *profile, which is empty. 0; -EINVAL or
 * -ENOTSUP (a profile with a listener of its own) with a sentence in `problem`; -ENOMEM. seccomp_profile_finish() in
 * any case. */
int profile_read(struct seccomp_profile *profile, const char *text, size_t size, const struct profile_target *target,
                 struct profile_dependence *dependence, char *problem, size_t problem_size);

#endif
