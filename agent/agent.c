/* SPDX-License-Identifier: MIT */
#include "agent.h"

#include "activation.h"
#include "agent_log.h"
#include "cleanup.h"
#include "clock.h"
#include "container_state.h"
#include "container_trace.h"
#include "event_loop.h"
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 64, /* at a time: a runtime says all it has to say at once */
    PROBLEM_BYTES = 512,
    /* What a process that traces finds its descriptors at. */
    LISTENER_FD = 3,
    FOLDER_FD = 4,
};

struct agent;

/* A runtime that has not said everything yet. */
struct connection {
    struct connection *next; /* that came later */
    struct agent *agent;
    struct peer *peer;
    struct event_source *source;
    uint64_t deadline;
};

/* A process that traces a container. */
struct tracing_process {
    struct tracing_process *next;
    pid_t pid;
    char *id;
};

struct agent {
    const struct agent_setup *setup;
    struct event_loop *loop;
    int signals;
    int spare;                      /* a descriptor to give up when there are no others */
    struct connection *connections; /* oldest first */
    size_t connection_count;
    struct tracing_process *processes;
    bool stops;
};

/* -------------------------------------------------------------------- connections */

static void log_peer(const struct peer *peer, enum log_level level, const char *event, const char *reason) {
    struct log_member members[] = {{.name = "reason", .text = reason},
                                   {.name = "uid", .number = peer_uid(peer)},
                                   {.name = "pid", .number = peer_pid(peer)}};
    agent_log(level, event, members, sizeof(members) / sizeof(members[0]),
              "%s a connection of process %d (user %u): %s", event, peer_pid(peer), peer_uid(peer), reason);
}

static void log_refusal(const struct peer *peer, const char *reason) {
    log_peer(peer, LOG_LEVEL_WARNING, "refused", reason);
}

/* A runtime connects before it knows whether it will come to have a container. */
static void log_silence(const struct peer *peer) {
    log_peer(peer, LOG_LEVEL_INFO, "closed", "it told of no container");
}

/* Its source is forgotten by whoever calls. */
static void drop(struct connection *connection) {
    struct agent *agent = connection->agent;
    struct connection **link = &agent->connections;
    while (*link != connection) {
        link = &(*link)->next;
    }
    *link = connection->next;
    agent->connection_count--;
    peer_destroy(connection->peer);
    free(connection);
}

static void refuse(struct connection *connection, const char *reason) {
    log_refusal(connection->peer, reason);
    drop(connection);
}

/* Of those that wait, from outside their handlers. */
static void give_up(struct connection *connection, const char *reason) {
    event_loop_remove(connection->agent->loop, connection->source);
    refuse(connection, reason);
}

static void drop_late(struct agent *agent, uint64_t now) {
    char reason[64];
    snprintf(reason, sizeof(reason), "it had not told of its container after %u seconds",
             agent->setup->options->timeout);
    while (agent->connections && agent->connections->deadline <= now) {
        give_up(agent->connections, reason);
    }
}

/* ------------------------------------------------------------------------ tracing */

static struct tracing_process *process_of(const struct agent *agent, pid_t pid) {
    struct tracing_process *process = agent->processes;
    while (process && process->pid != pid) {
        process = process->next;
    }
    return process;
}

static void forget_process(struct agent *agent, struct tracing_process *process) {
    struct tracing_process **link = &agent->processes;
    while (*link != process) {
        link = &(*link)->next;
    }
    *link = process->next;
    free(process->id);
    free(process);
}

/* Nothing of ours but what it needs, at the descriptors where it is looked for. 0 or -errno. */
static int arrange_descriptors(int listener, int folder) {
    int low = FOLDER_FD + 1;
    int high_listener = fcntl(listener, F_DUPFD_CLOEXEC, low);
    int high_folder = fcntl(folder, F_DUPFD_CLOEXEC, low);
    if (high_listener < 0 || high_folder < 0 || dup3(high_listener, LISTENER_FD, O_CLOEXEC) < 0 ||
        dup3(high_folder, FOLDER_FD, O_CLOEXEC) < 0) {
        return -errno;
    }
    return syscall(SYS_close_range, low, UINT_MAX, 0) < 0 ? -errno : 0;
}

/* By what a trace is told to end. The agent's terminal is not for it: it has a session of its own. */
static int end_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

static _Noreturn void run_trace(const struct agent_setup *setup, const struct container_state *state, int listener) {
    setsid();
    prctl(PR_SET_NAME, "renacer-trace");
    int status = arrange_descriptors(listener, setup->folder);
    int signals = status == 0 ? end_signals() : status;
    if (signals < 0) {
        struct log_member member = {.name = "container", .text = state->id};
        agent_log(LOG_LEVEL_ERROR, "failed", &member, 1, "container %s cannot be traced: %s", state->id,
                  strerrordesc_np(-signals));
        _exit(1);
    }
    struct container container = {.id = state->id,
                                  .metadata = state->metadata,
                                  .told_pid = state->process_pid,
                                  .listener = LISTENER_FD,
                                  .folder = FOLDER_FD,
                                  .where = setup->where,
                                  .argc = setup->argc,
                                  .argv = setup->argv};
    _exit(container_trace(&container, signals));
}

/* 0, or -errno with a sentence in `problem`. */
static int start_trace(struct agent *agent, struct peer *peer, const struct container_state *state, char *problem,
                       size_t size) {
    auto_fd listener = peer_take_fd(peer, state->listener);
    int status = peer_check_listener(listener);
    if (status < 0) {
        snprintf(problem, size, "its descriptor 'seccompFd' is no listener of seccomp");
        return status;
    }
    struct tracing_process *process = calloc(1, sizeof(*process));
    char *id = strdup(state->id);
    pid_t pid = process && id ? fork() : -1;
    if (pid == 0) {
        run_trace(agent->setup, state, listener);
    }
    if (pid < 0) {
        status = process && id ? -errno : -ENOMEM;
        snprintf(problem, size, "no process can be made that traces it");
        free(process);
        free(id);
        return status;
    }
    *process = (struct tracing_process){.next = agent->processes, .pid = pid, .id = id};
    agent->processes = process;
    return 0;
}

/* All that the runtime has to say is there. 0, or -errno with a sentence in `problem`. */
static int take_container(struct agent *agent, struct peer *peer, char *problem, size_t size) {
    struct container_state state;
    size_t length;
    const char *bytes = peer_bytes(peer, &length);
    int status = container_state_parse(&state, bytes, length, problem, size);
    if (status < 0) {
        return status;
    }
    if (state.fd_count != peer_fd_count(peer)) {
        snprintf(problem, size, "it names %zu descriptors and sends %zu", state.fd_count, peer_fd_count(peer));
        status = -EINVAL;
    } else {
        status = start_trace(agent, peer, &state, problem, size);
    }
    container_state_finish(&state);
    return status;
}

static enum event_verdict on_peer(void *context, unsigned revents) {
    (void)revents;
    struct connection *connection = context;
    char problem[PROBLEM_BYTES] = "";
    switch (peer_read(connection->peer, problem, sizeof(problem))) {
    case PEER_MORE:
        return EVENT_CONTINUE;
    case PEER_COMPLETE:
        if (take_container(connection->agent, connection->peer, problem, sizeof(problem)) == 0) {
            drop(connection);
            return EVENT_CLOSE;
        }
        break;
    case PEER_EMPTY:
        log_silence(connection->peer);
        drop(connection);
        return EVENT_CLOSE;
    case PEER_REFUSED:
        break;
    }
    refuse(connection, problem);
    return EVENT_CLOSE;
}

/* ---------------------------------------------------------------------- accepting */

static bool is_allowed(const struct agent_options *options, uid_t uid) {
    bool allowed = uid == geteuid();
    for (size_t i = 0; i < options->uid_count; i++) {
        allowed = allowed || options->uids[i] == uid;
    }
    return allowed;
}

/* Takes over the descriptor. */
static void welcome(struct agent *agent, int fd) {
    const struct agent_options *options = agent->setup->options;
    struct connection *connection = calloc(1, sizeof(*connection));
    uint64_t deadline = monotonic_now() + options->timeout * UINT64_C(1000000000);
    struct peer *peer = NULL;
    int status = peer_create(&peer, fd, (int64_t)deadline);
    if (!connection || status < 0) {
        struct log_member reason = {.name = "reason", .text = "out of memory"};
        agent_log(LOG_LEVEL_ERROR, "refused", &reason, 1, "refused a connection: out of memory");
        peer_destroy(peer);
        free(connection);
        return;
    }
    if (!is_allowed(options, peer_uid(peer))) {
        log_refusal(peer, "its user is not allowed here; --allow-uid allows one");
        peer_destroy(peer);
        free(connection);
        return;
    }
    if (agent->connection_count == CONNECTIONS_MAX) {
        /* Whoever has something to say has said it long ago. */
        give_up(agent->connections, "too many connections at a time: the oldest one gives way");
    }
    *connection = (struct connection){.agent = agent, .peer = peer, .deadline = deadline};
    connection->source = event_loop_add(agent->loop, fd, POLLIN, on_peer, connection);
    struct connection **link = &agent->connections;
    while (*link) {
        link = &(*link)->next;
    }
    *link = connection;
    agent->connection_count++;
    if (!connection->source) {
        refuse(connection, "out of memory");
    }
}

/* There is no descriptor left for a connection, which would wait and wake us for ever. */
static void turn_away(struct agent *agent) {
    close_fd(&agent->spare);
    auto_fd fd = accept4(agent->setup->socket, NULL, NULL, SOCK_CLOEXEC);
    close_fd(&fd);
    agent->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct log_member reason = {.name = "reason", .text = "out of descriptors"};
    agent_log(LOG_LEVEL_ERROR, "refused", &reason, 1, "refused a connection: out of descriptors");
}

static enum event_verdict on_connect(void *context, unsigned revents) {
    (void)revents;
    struct agent *agent = context;
    int fd = accept4(agent->setup->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        welcome(agent, fd);
    } else if (errno == EMFILE || errno == ENFILE) {
        turn_away(agent);
    }
    return EVENT_CONTINUE;
}

/* ------------------------------------------------------------------------ signals */

/* Processes that trace log how their traces end, unless they are killed. */
static void reap(struct agent *agent) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct tracing_process *process = process_of(agent, pid);
        if (process && WIFSIGNALED(status)) {
            struct log_member members[] = {{.name = "container", .text = process->id},
                                           {.name = "signal", .number = WTERMSIG(status)}};
            agent_log(LOG_LEVEL_ERROR, "died", members, 2,
                      "the process that traced container %s was killed by signal %d; the container goes on",
                      process->id, WTERMSIG(status));
        }
        if (process) {
            forget_process(agent, process);
        }
    }
}

static enum event_verdict on_signal(void *context, unsigned revents) {
    (void)revents;
    struct agent *agent = context;
    struct signalfd_siginfo info;
    while (read(agent->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD) {
            reap(agent);
        } else {
            agent->stops = true;
        }
    }
    return EVENT_CONTINUE;
}

static int watch_signals(void) {
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &action, NULL);
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* ------------------------------------------------------------------------ outside */

static int64_t patience(const struct agent *agent) {
    if (!agent->connections) {
        return -1;
    }
    uint64_t now = monotonic_now();
    uint64_t deadline = agent->connections->deadline;
    return deadline > now ? (int64_t)(deadline - now) : 0;
}

static void log_stop(const struct agent *agent) {
    size_t count = 0;
    for (const struct tracing_process *process = agent->processes; process; process = process->next) {
        count++;
    }
    struct log_member member = {.name = "traces", .number = (int64_t)count};
    agent_log(LOG_LEVEL_INFO, "stopping", &member, 1,
              count ? "the agent ends; %zu containers are traced on without it" : "the agent ends", count);
}

static void finish(struct agent *agent) {
    while (agent->connections) {
        give_up(agent->connections, "the agent ends");
    }
    while (agent->processes) {
        forget_process(agent, agent->processes);
    }
    event_loop_destroy(agent->loop);
    close_fd(&agent->signals);
    close_fd(&agent->spare);
}

static int serve(struct agent *agent) {
    /* No io_uring: it would hold descriptors of connections that are gone, and be inherited by those who trace. */
    int status = event_loop_create(&agent->loop, true);
    if (status < 0 || !event_loop_add(agent->loop, agent->setup->socket, POLLIN, on_connect, agent) ||
        !event_loop_add(agent->loop, agent->signals, POLLIN, on_signal, agent)) {
        return status < 0 ? status : -ENOMEM;
    }
    struct log_member members[] = {
        {.name = "socket", .text = agent->setup->listen ? agent->setup->listen : "inherited"},
        {.name = "folder", .text = agent->setup->where}};
    agent_log(LOG_LEVEL_INFO, "listening", members, 2, "waiting for containers at %s", members[0].text);
    activation_notify("READY=1");
    while (status >= 0 && !agent->stops) {
        status = event_loop_run(agent->loop, patience(agent));
        drop_late(agent, monotonic_now());
    }
    activation_notify("STOPPING=1");
    if (agent->setup->listen) {
        /* From now on a runtime finds nobody, and says so. */
        unlink(agent->setup->listen);
    }
    log_stop(agent);
    return status < 0 ? status : 0;
}

int agent_run(const struct agent_setup *setup) {
    struct agent agent = {.setup = setup, .spare = open("/dev/null", O_RDONLY | O_CLOEXEC)};
    agent.signals = watch_signals();
    int status = agent.signals < 0 ? agent.signals : serve(&agent);
    finish(&agent);
    return status;
}
