// SPDX-License-Identifier: GPL-2.0-only
// How long a guest that never stops by itself keeps its CPU: the budget, and signals.
#include "client.h"

#include <err.h>
#include <errno.h>
#include <linux/rmvisor.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

asm(".pushsection .rodata\n.code16\n"
    "spin_begin:\n"
    "  cli\n"
    "spin_here:\n"
    "  jmp spin_here\n"
    "spin_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t spin_begin[], spin_end[];

static uint64_t ticks_of(double seconds) {
    static double per_second;
    if (per_second == 0) {
        const struct timespec pause = {.tv_nsec = 100000000};
        const uint64_t begin = __rdtsc();
        nanosleep(&pause, NULL);
        per_second = (double)(__rdtsc() - begin) * 10;
    }
    return (uint64_t)(seconds * per_second);
}

static void show(const char *what, uint64_t worst) {
    fprintf(stderr, "# %s: at worst %llu ticks, %llu us\n", what, (unsigned long long)worst,
            (unsigned long long)(worst * 1000000 / ticks_of(1)));
}

static void expect_within(const char *what, uint64_t took, uint64_t least, uint64_t most) {
    if (took < least || took > most)
        errx(1, "%s: %llu ticks, not %llu to %llu", what, (unsigned long long)took,
             (unsigned long long)least, (unsigned long long)most);
}

// ---- budget ----

void budget(struct client *client) {
    static const double budgets[] = {0.00001, 0.001, 0.02, 0.1};
    struct rmvisor_budget request = {.reserved = {1}};
    uint64_t worst = 0;
    start(client, spin_begin, spin_end);
    if (ioctl(client->vcpu, RMVISOR_SET_BUDGET, &request) != -1 || errno != EINVAL)
        errx(1, "a reserved field is not looked at");
    request.reserved[0] = 0;
    for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); ++i) {
        request.ticks = ticks_of(budgets[i]);
        CALL(client->vcpu, RMVISOR_SET_BUDGET, &request);
        const uint64_t begin = __rdtsc();
        CALL(client->vcpu, KVM_RUN, 0);
        const uint64_t took = __rdtsc() - begin;
        if (client->run->exit_reason != RMVISOR_EXIT_BUDGET)
            errx(1, "exit %u instead of the end of the budget", client->run->exit_reason);
        expect_within("a budget", took, request.ticks, request.ticks + ticks_of(0.02));
        if (took - request.ticks > worst) worst = took - request.ticks;
    }
    request.ticks = 0;
    CALL(client->vcpu, RMVISOR_SET_BUDGET, &request);
    show("back after the end of a budget", worst);
}

// ---- signals ----

enum { rounds = 100 };

static volatile uint64_t sent;
static volatile bool is_running;

static void ignore(int number) { (void)number; }

// At a random time after a RUN has begun.
static void *send_signals(void *thread) {
    unsigned seed = 5;
    for (int i = 0; i < rounds; ++i) {
        while (!is_running) usleep(50);
        is_running = false;
        usleep((useconds_t)(rand_r(&seed) % 3000));
        sent = __rdtsc();
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
    }
    return NULL;
}

void signals(struct client *client) {
    struct sigaction action = {.sa_handler = ignore};
    pthread_t self = pthread_self(), sender;
    uint64_t worst = 0;
    sigaction(SIGUSR1, &action, NULL);
    start(client, spin_begin, spin_end);
    if (pthread_create(&sender, NULL, send_signals, &self) != 0) errx(1, "pthread_create");
    for (int i = 0; i < rounds; ++i) {
        sent = 0;
        is_running = true;
        if (ioctl(client->vcpu, KVM_RUN, 0) != -1 || errno != EINTR)
            errx(1, "KVM_RUN: %s, exit %u", strerror(errno), client->run->exit_reason);
        const uint64_t took = __rdtsc() - sent;
        if (sent == 0) errx(1, "KVM_RUN was interrupted by nobody");
        if (client->run->exit_reason != KVM_EXIT_INTR)
            errx(1, "exit %u with EINTR", client->run->exit_reason);
        expect_within("a signal", took, 0, ticks_of(0.05));
        if (took > worst) worst = took;
    }
    pthread_join(sender, NULL);
    show("from a signal to EINTR", worst);
}
