/* SPDX-License-Identifier: MIT
 * A thread that is not the leader executes another program, while the leader
 * and a third thread wait. */
#include <pthread.h>
#include <unistd.h>

static void *wait_for_ever(void *context) {
    (void)context;
    for (;;) {
        pause();
    }
    return NULL;
}

static void *execute(void *context) {
    char *const *arguments = context;
    usleep(20000); /* so that the others wait by then */
    execv(arguments[0], arguments);
    return NULL;
}

int main(void) {
    static char program[] = "/bin/echo";
    static char word[] = "from a thread";
    char *arguments[] = {program, word, NULL};
    pthread_t waiting;
    pthread_t executing;
    pthread_create(&waiting, NULL, wait_for_ever, NULL);
    pthread_create(&executing, NULL, execute, arguments);
    pthread_join(waiting, NULL);
    return 1;
}
