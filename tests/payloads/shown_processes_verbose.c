/* SPDX-License-Identifier: MIT
 *
 * What of processes is shown with -v alone: see shown.h.
 */
#include "shown.h"

#include <asm/ldt.h>
#include <linux/dqblk_xfs.h>
#include <signal.h>
#include <stdint.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

enum {
    MANY = 70,
};

int main(void) {
    shown_options("-v");
    shown_calls("uname,wait4,getrusage,execveat,setgroups,quotactl");
    struct utsname names;
    shown(syscall(SYS_uname, &names),
          "uname({sysname=\"%s\", nodename=\"%s\", release=\"%s\", version=\"%s\", "
          "machine=\"%s\", domainname=\"%s\"}) = 0",
          names.sysname, names.nodename, names.release, names.version, names.machine, names.domainname);
    long child = fork();
    if (child == 0) {
        raise(9);
    }
    struct rusage usage;
    long result = syscall(SYS_wait4, child, NULL, 0, &usage);
    shown(result,
          "wait4(%ld, NULL, 0, {ru_utime={tv_sec=%ld, tv_usec=%ld}, ru_stime={tv_sec=%ld, tv_usec=%ld}, ru_maxrss=%ld, "
          "ru_ixrss=0, ru_idrss=0, ru_isrss=0, ru_minflt=%ld, ru_majflt=%ld, ru_nswap=0, ru_inblock=%ld, "
          "ru_oublock=%ld, ru_msgsnd=0, ru_msgrcv=0, ru_nsignals=0, ru_nvcsw=%ld, ru_nivcsw=%ld})",
          child, usage.ru_utime.tv_sec, usage.ru_utime.tv_usec, usage.ru_stime.tv_sec, usage.ru_stime.tv_usec,
          usage.ru_maxrss, usage.ru_minflt, usage.ru_majflt, usage.ru_inblock, usage.ru_oublock, usage.ru_nvcsw,
          usage.ru_nivcsw);
    shown(syscall(SYS_getrusage, 5, &usage), "getrusage(0x5 /* RUSAGE_??? */, %p)", (void *)&usage);

    const char *strings[MANY + 1] = {"A=1"};
    char shown_strings[8 * MANY] = "\"A=1\"";
    gid_t groups[MANY] = {0};
    char shown_groups[4 * MANY] = "0";
    for (unsigned i = 1; i < MANY; i++) {
        strings[i] = "x";
        strcat(shown_strings, ", \"x\"");
        strcat(shown_groups, ", 0");
    }
    shown(syscall(SYS_execveat, -1, "/nowhere", strings, strings, 0), "execveat(-1, \"/nowhere\", [%s], [%s], 0)",
          shown_strings, shown_strings);
    shown(syscall(SYS_execveat, -1, "/nowhere", strings + MANY, strings + MANY, 0),
          "execveat(-1, \"/nowhere\", [], [], 0)");
    groups[MANY - 1] = (gid_t)-1;
    shown_groups[strlen(shown_groups) - 1] = '\0';
    shown(syscall(SYS_setgroups, MANY, groups), "setgroups(%u, [%s-1])", MANY, shown_groups);

    uint64_t numbers[16] = {1, 2, 3, 4, 5, 6, 7, 8, 0x45};
    shown(syscall(SYS_quotactl, QCMD(Q_SETQUOTA, USRQUOTA), "/nowhere", 5, numbers),
          "quotactl(QCMD(Q_SETQUOTA, USRQUOTA), \"/nowhere\", 5, {dqb_bhardlimit=1, dqb_bsoftlimit=2, dqb_curspace=3, "
          "dqb_ihardlimit=4, dqb_isoftlimit=5, dqb_curinodes=6, dqb_btime=7, dqb_itime=8, "
          "dqb_valid=QIF_BLIMITS|QIF_ILIMITS|0x40})");
    struct fs_disk_quota quota = {.d_version = -1, .d_flags = 3, .d_fieldmask = 5, .d_itimer = -6, .d_rtbwarns = 9};
    shown(syscall(SYS_quotactl, QCMD(Q_XSETQLIM, USRQUOTA), "/nowhere", 5, &quota),
          "quotactl(QCMD(Q_XSETQLIM, USRQUOTA), \"/nowhere\", 5, {d_version=-1, d_flags=FS_USER_QUOTA|FS_PROJ_QUOTA, "
          "d_fieldmask=0x5, d_id=0, d_blk_hardlimit=0, d_blk_softlimit=0, d_ino_hardlimit=0, d_ino_softlimit=0, "
          "d_bcount=0, d_icount=0, d_itimer=-6, d_btimer=0, d_iwarns=0, d_bwarns=0, d_rtb_hardlimit=0, "
          "d_rtb_softlimit=0, d_rtbcount=0, d_rtbtimer=0, d_rtbwarns=9})");
    return 0;
}
