/* SPDX-License-Identifier: MIT
 *
 * Times, as they are shown: see shown.h.
 */
#include "shown.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <utime.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TIMESPEC "{tv_sec=%lld, tv_nsec=%lld}"
#define TIMEVAL "{tv_sec=%lld, tv_usec=%lld}"
#define SPLIT_SPEC(spec) (long long)(spec).tv_sec, (long long)(spec).tv_nsec
#define SPLIT_VAL(val) (long long)(val).tv_sec, (long long)(val).tv_usec

/* "2023-11-14T22:13:20.5+0000", where the fraction is given with its point. */
static const char *moment(time_t seconds, const char *fraction) {
    static char texts[4][64];
    static unsigned next;
    char *text = texts[next++ % COUNT(texts)];
    char zone[16];
    size_t length = strftime(text, 64, "%FT%T", localtime(&seconds));
    strftime(zone, sizeof(zone), "%z", localtime(&seconds));
    snprintf(text + length, 64 - length, "%s%s", fraction, zone);
    return text;
}

static void sleep_and_set(void) {
    struct timespec nap = {0, 1};
    struct timespec bad = {-1, 2000000000};
    struct timeval clock = {1, 2000000};
    struct timezone zone = {3, -4};
    shown(syscall(SYS_nanosleep, &nap, NULL), "nanosleep({tv_sec=0, tv_nsec=1}, NULL)");
    shown(syscall(SYS_nanosleep, 8, NULL), "nanosleep(0x8, NULL)");
    shown(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &nap, NULL),
          "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=0, tv_nsec=1}, NULL)");
    shown(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &bad),
          "clock_settime(CLOCK_MONOTONIC, {tv_sec=-1, tv_nsec=2000000000})");
    shown(syscall(SYS_settimeofday, &clock, &zone),
          "settimeofday({tv_sec=1, tv_usec=2000000}, {tz_minuteswest=3, tz_dsttime=-4})");
    shown(syscall(SYS_settimeofday, NULL, NULL), "settimeofday(NULL, NULL)");
    time_t now = syscall(SYS_time, NULL);
    shown(now, "time(NULL) = %lld (%s)", (long long)now, moment(now, ""));
    now = 0;
    syscall(SYS_time, &now);
    shown(now, "time([%lld /* %s */]) = %lld (%s)", (long long)now, moment(now, ""), (long long)now, moment(now, ""));
    shown(syscall(SYS_time, 8), "time(0x8)");
}

static void file_times(void) {
    static const char name[] = "/nonexistent/file";
    struct timespec both[] = {{1700000000, 5}, {0, 0}};
    struct timespec special[] = {{1, UTIME_NOW}, {1, UTIME_OMIT}};
    struct timeval values[] = {{-1, 5}, {1, 1000000}};
    struct utimbuf old = {0, 1700000000};
    shown(syscall(SYS_utimensat, AT_FDCWD, name, both, 0),
          "utimensat(AT_FDCWD, \"%s\", [{tv_sec=1700000000, tv_nsec=5} /* %s */, {tv_sec=0, tv_nsec=0}], 0)", name,
          moment(1700000000, ".000000005"));
    shown(syscall(SYS_utimensat, AT_FDCWD, name, special, AT_SYMLINK_NOFOLLOW),
          "utimensat(AT_FDCWD, \"%s\", [UTIME_NOW, UTIME_OMIT], AT_SYMLINK_NOFOLLOW)", name);
    shown(syscall(SYS_utimensat, AT_FDCWD, name, 8, 0), "utimensat(AT_FDCWD, \"%s\", 0x8, 0)", name);
    shown(syscall(SYS_utimes, name, values),
          "utimes(\"%s\", [{tv_sec=-1, tv_usec=5} /* %s */, {tv_sec=1, tv_usec=1000000}])", name,
          moment(-1, ".000005"));
    shown(syscall(SYS_futimesat, AT_FDCWD, name, NULL), "futimesat(AT_FDCWD, \"%s\", NULL)", name);
    shown(syscall(SYS_utime, name, &old), "utime(\"%s\", {actime=0, modtime=1700000000 /* %s */})", name,
          moment(1700000000, ""));
}

static void timers(void) {
    struct itimerval hour = {{0, 0}, {3600, 0}};
    struct itimerval left;
    struct itimerspec spec = {{1, 2}, {3600, 3}};
    struct itimerspec rest;
    shown(syscall(SYS_setitimer, ITIMER_REAL, &hour, &left),
          "setitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=3600, tv_usec=0}}, "
          "{it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}})");
    syscall(SYS_getitimer, ITIMER_REAL, &left);
    shown(0, "getitimer(ITIMER_REAL, {it_interval=" TIMEVAL ", it_value=" TIMEVAL "})", SPLIT_VAL(left.it_interval),
          SPLIT_VAL(left.it_value));
    hour.it_value.tv_sec = 0;
    syscall(SYS_setitimer, ITIMER_REAL, &hour, NULL);
    shown(0, "setitimer(ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}, NULL)");
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    shown(syscall(SYS_timerfd_settime, fd, 0, &spec, NULL),
          "timerfd_settime(%d, 0, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3600, tv_nsec=3}}, NULL)", fd);
    syscall(SYS_timerfd_gettime, fd, &rest);
    shown(0, "timerfd_gettime(%d, {it_interval=" TIMESPEC ", it_value=" TIMESPEC "})", fd, SPLIT_SPEC(rest.it_interval),
          SPLIT_SPEC(rest.it_value));
    shown(syscall(SYS_timerfd_settime, -1, TFD_TIMER_ABSTIME, &spec, &rest),
          "timerfd_settime(-1, TFD_TIMER_ABSTIME, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3600, "
          "tv_nsec=3}}, %p)",
          (void *)&rest);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5};
    int timer = -1;
    syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer);
    shown(0,
          "timer_create(CLOCK_MONOTONIC, {sigev_value={sival_int=5, sival_ptr=0x5}, sigev_signo=SIGUSR1, "
          "sigev_notify=SIGEV_SIGNAL}, [%d])",
          timer);
    event = (struct sigevent){.sigev_notify = SIGEV_NONE};
    shown(syscall(SYS_timer_create, 99, &event, &timer),
          "timer_create(0x63 /* CLOCK_??? */, {sigev_signo=0, sigev_notify=SIGEV_NONE}, %p)", (void *)&timer);
    shown(syscall(SYS_timer_settime, timer, TIMER_ABSTIME, NULL, NULL), "timer_settime(%d, TIMER_ABSTIME, NULL, NULL)",
          timer);
    shown(syscall(SYS_timer_settime, timer, 0, &spec, &rest),
          "timer_settime(%d, 0, {it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3600, tv_nsec=3}}, "
          "{it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=0, tv_nsec=0}})",
          timer);
}

static void futexes(void) {
    static unsigned word = 7;
    struct timespec second = {1, 0};
    struct futex_waitv waiters[] = {{1, (uintptr_t)&word, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0}, {2, 0, 0, 0}};
    shown(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 8, &second),
          "futex(%p, FUTEX_WAIT_PRIVATE, 8, {tv_sec=1, tv_nsec=0})", (void *)&word);
    shown(syscall(SYS_futex, &word, FUTEX_WAIT, 8, 8), "futex(%p, FUTEX_WAIT, 8, 0x8)", (void *)&word);
    shown(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 8, &second, NULL, 1L),
          "futex(%p, FUTEX_WAIT_BITSET, 8, {tv_sec=1, tv_nsec=0}, 0x1)", (void *)&word);
    shown(syscall(SYS_futex, &word, FUTEX_WAKE, 1, &second), "futex(%p, FUTEX_WAKE, 1)", (void *)&word);
    shown(syscall(SYS_futex, &word, FUTEX_REQUEUE, 1, 70000, &word), "futex(%p, FUTEX_REQUEUE, 1, 70000, %p)",
          (void *)&word, (void *)&word);
    /* An operation that nobody knows. */
    shown(syscall(SYS_futex, &word, 99, 1, &second, &word, 2L), "futex(%p, 0x63 /* FUTEX_??? */, 1, %p, %p, 0x2)",
          (void *)&word, (void *)&second, (void *)&word);
    shown(
        syscall(SYS_futex_waitv, waiters, 2, 1, &second, CLOCK_MONOTONIC),
        "futex_waitv([{val=0x1, uaddr=%p, flags=FUTEX_32|FUTEX_PRIVATE_FLAG}, {val=0x2, uaddr=NULL, flags=0}], 2, 0x1, "
        "{tv_sec=1, tv_nsec=0}, CLOCK_MONOTONIC)",
        (void *)&word);
}

/* The state of the kernel's clock, by name. */
static const char *status_of(int status) {
    static const char *const names[] = {"STA_PLL",       "STA_PPSFREQ",   "STA_PPSTIME",   "STA_FLL",
                                        "STA_INS",       "STA_DEL",       "STA_UNSYNC",    "STA_FREQHOLD",
                                        "STA_PPSSIGNAL", "STA_PPSJITTER", "STA_PPSWANDER", "STA_PPSERROR",
                                        "STA_CLOCKERR",  "STA_NANO",      "STA_MODE",      "STA_CLK"};
    static char text[256];
    text[0] = 0;
    for (unsigned i = 0; i < COUNT(names); i++) {
        if (status >> i & 1) {
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", text[0] ? "|" : "", names[i]);
        }
    }
    return text[0] ? text : "0";
}

static void clock_state(void) {
    static const char *const states[] = {"TIME_OK", "TIME_INS", "TIME_DEL", "TIME_OOP", "TIME_WAIT", "TIME_ERROR"};
    struct timex timex = {.modes = 0};
    long state = syscall(SYS_adjtimex, &timex);
    shown(
        state,
        "adjtimex({modes=0, offset=%ld, freq=%ld, maxerror=%ld, esterror=%ld, status=%s, constant=%ld, precision=%ld, "
        "tolerance=%ld, time={tv_sec=%ld, tv_usec=%ld}, tick=%ld, ppsfreq=%ld, jitter=%ld, shift=%d, stabil=%ld, "
        "jitcnt=%ld, calcnt=%ld, errcnt=%ld, stbcnt=%ld, tai=%d}) = %ld (%s)",
        timex.offset, timex.freq, timex.maxerror, timex.esterror, status_of(timex.status), timex.constant,
        timex.precision, timex.tolerance, timex.time.tv_sec, timex.time.tv_usec, timex.tick, timex.ppsfreq,
        timex.jitter, timex.shift, timex.stabil, timex.jitcnt, timex.calcnt, timex.errcnt, timex.stbcnt, timex.tai,
        state, states[state]);
    shown(syscall(SYS_clock_adjtime, 99, &timex), "clock_adjtime(0x63 /* CLOCK_??? */, %p)", (void *)&timex);
    shown(syscall(SYS_adjtimex, 8), "adjtimex(0x8)");
}

int main(void) {
    shown_calls("nanosleep,clock_nanosleep,clock_settime,settimeofday,time,utimensat,utimes,futimesat,utime,setitimer,"
                "getitimer,timerfd_settime,timerfd_gettime,timer_create,timer_settime,futex,futex_waitv,adjtimex,"
                "clock_adjtime");
    sleep_and_set();
    file_times();
    timers();
    futexes();
    clock_state();
    return 0;
}
