// SPDX-License-Identifier: MIT

// A marked call (marks.h) of C in a program in Go: it is made on a stack of its own.
package main

/*
#include <stdio.h>
#include <unistd.h>

static void of_c(void) {
    printf("{\"mark\": 1, \"file\": \"%s\", \"line\": %d, \"function\": \"of_c\", \"how\": \"C in Go\", \"callers\": [], \"end\": null}\n", __FILE__, __LINE__), fflush(stdout), close(-1001);
    __asm__ volatile("" ::: "memory");
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"syscall"
)

func main() {
	_, file, line, _ := runtime.Caller(0)
	C.of_c()
	fmt.Printf("{\"mark\": 2, \"file\": \"%s\", \"line\": %d, \"function\": \"main.main\", \"how\": \"Go behind C\", \"callers\": []}\n", file, line+3)
	syscall.Close(-1002)
}
