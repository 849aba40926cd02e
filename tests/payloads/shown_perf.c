/* SPDX-License-Identifier: MIT
 *
 * perf_event_open(2), as it is shown: see shown.h. No event is opened: its process is none.
 */
#include "shown.h"

#include <linux/perf_event.h>

static struct perf_event_attr attributes;

static long open_event(void) {
    return syscall(SYS_perf_event_open, &attributes, -2, -1, -1, 0);
}

int main(void) {
    shown_calls("perf_event_open");
    attributes = (struct perf_event_attr){.size = 112, .disabled = 1, .exclude_kernel = 1, .sample_period = 3};
    shown(open_event(),
          "perf_event_open({type=PERF_TYPE_HARDWARE, size=PERF_ATTR_SIZE_VER5, config=PERF_COUNT_HW_CPU_CYCLES, "
          "sample_period=3, sample_type=0, read_format=0, disabled=1, exclude_kernel=1, precise_ip=0 /* arbitrary skid "
          "*/, ...}, -2, -1, -1, 0)");
    attributes = (struct perf_event_attr){.type = PERF_TYPE_HW_CACHE,
                                          .size = 70,
                                          .config = 0x010203,
                                          .freq = 1,
                                          .sample_freq = 1000,
                                          .sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TIME,
                                          .read_format = PERF_FORMAT_GROUP | 0x40,
                                          .precise_ip = 2,
                                          .mmap2 = 1};
    shown(open_event(),
          "perf_event_open({type=PERF_TYPE_HW_CACHE, size=0x46 /* PERF_ATTR_SIZE_??? */, "
          "config=PERF_COUNT_HW_CACHE_RESULT_MISS<<16|PERF_COUNT_HW_CACHE_OP_PREFETCH<<8|PERF_COUNT_HW_CACHE_DTLB, "
          "sample_freq=1000, sample_type=PERF_SAMPLE_IP|PERF_SAMPLE_TIME, read_format=PERF_FORMAT_GROUP|0x40, freq=1, "
          "precise_ip=2 /* requested to have 0 skid */, mmap2=1, ...}, -2, -1, -1, 0)");
    attributes = (struct perf_event_attr){.type = 77, .size = 0, .config = 0x12};
    shown(open_event(),
          "perf_event_open({type=0x4d /* PERF_TYPE_??? */, size=0 /* PERF_ATTR_SIZE_??? */, config=0x12, "
          "sample_period=0, sample_type=0, read_format=0, precise_ip=0 /* arbitrary skid */, ...}, -2, -1, "
          "-1, 0)");
    attributes.size = 60;
    shown(open_event(), "perf_event_open(%p, -2, -1, -1, 0)", (void *)&attributes);
    shown(syscall(SYS_perf_event_open, NULL, -2, -1, -1, 8), "perf_event_open(NULL, -2, -1, -1, PERF_FLAG_FD_CLOEXEC)");
    return 0;
}
