/* SPDX-License-Identifier: MIT
 *
 * The codes of signals by name (sigaction(2), siginfo_t).
 */
#include "value.h"

#include <signal.h>

struct code_name {
    int signal; /* 0: of any */
    int code;
    const char *name;
};

#define CODE(signal, code)                                                                                             \
    { signal, code, #code }

static const struct code_name names[] = {
    CODE(0, SI_USER),
    CODE(0, SI_KERNEL),
    CODE(0, SI_QUEUE),
    CODE(0, SI_TIMER),
    CODE(0, SI_MESGQ),
    CODE(0, SI_ASYNCIO),
    CODE(0, SI_SIGIO),
    CODE(0, SI_TKILL),
    CODE(0, SI_ASYNCNL),
    CODE(SIGCHLD, CLD_EXITED),
    CODE(SIGCHLD, CLD_KILLED),
    CODE(SIGCHLD, CLD_DUMPED),
    CODE(SIGCHLD, CLD_TRAPPED),
    CODE(SIGCHLD, CLD_STOPPED),
    CODE(SIGCHLD, CLD_CONTINUED),
    CODE(SIGSEGV, SEGV_MAPERR),
    CODE(SIGSEGV, SEGV_ACCERR),
    CODE(SIGSEGV, SEGV_BNDERR),
    CODE(SIGSEGV, SEGV_PKUERR),
    CODE(SIGBUS, BUS_ADRALN),
    CODE(SIGBUS, BUS_ADRERR),
    CODE(SIGBUS, BUS_OBJERR),
    CODE(SIGBUS, BUS_MCEERR_AR),
    CODE(SIGBUS, BUS_MCEERR_AO),
    CODE(SIGFPE, FPE_INTDIV),
    CODE(SIGFPE, FPE_INTOVF),
    CODE(SIGFPE, FPE_FLTDIV),
    CODE(SIGFPE, FPE_FLTOVF),
    CODE(SIGFPE, FPE_FLTUND),
    CODE(SIGFPE, FPE_FLTRES),
    CODE(SIGFPE, FPE_FLTINV),
    CODE(SIGFPE, FPE_FLTSUB),
    CODE(SIGILL, ILL_ILLOPC),
    CODE(SIGILL, ILL_ILLOPN),
    CODE(SIGILL, ILL_ILLADR),
    CODE(SIGILL, ILL_ILLTRP),
    CODE(SIGILL, ILL_PRVOPC),
    CODE(SIGILL, ILL_PRVREG),
    CODE(SIGILL, ILL_COPROC),
    CODE(SIGILL, ILL_BADSTK),
    CODE(SIGTRAP, TRAP_BRKPT),
    CODE(SIGTRAP, TRAP_TRACE),
    CODE(SIGTRAP, TRAP_BRANCH),
    CODE(SIGTRAP, TRAP_HWBKPT),
    CODE(SIGPOLL, POLL_IN),
    CODE(SIGPOLL, POLL_OUT),
    CODE(SIGPOLL, POLL_MSG),
    CODE(SIGPOLL, POLL_ERR),
    CODE(SIGPOLL, POLL_PRI),
    CODE(SIGPOLL, POLL_HUP),
    {SIGSYS, 1, "SYS_SECCOMP"},
    /* Of kernels newer than the C library's headers (uapi/asm-generic/siginfo.h). */
    {0, -7, "SI_DETHREAD"},
    {SIGILL, 9, "ILL_BADIADDR"},
    {SIGSEGV, 5, "SEGV_ACCADI"},
    {SIGSEGV, 6, "SEGV_ADIDERR"},
    {SIGSEGV, 7, "SEGV_ADIPERR"},
    {SIGSEGV, 8, "SEGV_MTEAERR"},
    {SIGSEGV, 9, "SEGV_MTESERR"},
    {SIGTRAP, 5, "TRAP_UNK"},
    {SIGTRAP, 6, "TRAP_PERF"},
    {SIGSYS, 2, "SYS_USER_DISPATCH"},
};

const char *signal_code_name(int signal, int code) {
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].code == code && (!names[i].signal || names[i].signal == signal)) {
            return names[i].name;
        }
    }
    return NULL;
}

void signal_code_to_text(int signal, int code, struct text *text) {
    const char *name = signal_code_name(signal, code);
    if (name) {
        text_add_string(text, name);
    } else {
        text_add_hex_number(text, (uint32_t)code);
    }
}
