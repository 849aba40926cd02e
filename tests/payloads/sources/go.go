// SPDX-License-Identifier: MIT

// Marked calls (marks.h) of Go: each in one line with what says where it is.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

type closer struct{ number int }

type anyCloser interface{ Close() }

// Before the call: the place is the one that runtime.Caller finds.
//
//go:noinline
func sayMore(number int, function, how, callers, more string) {
	_, file, line, _ := runtime.Caller(1)
	sayAt(number, file, line, function, how, callers, more)
}

//go:noinline
func say(number int, function, how string) {
	_, file, line, _ := runtime.Caller(1)
	sayAt(number, file, line, function, how, "", "")
}

func sayAt(number int, file string, line int, function, how, callers, more string) {
	quoted := []string{}
	for _, word := range strings.Fields(callers) {
		quoted = append(quoted, `"`+word+`"`)
	}
	os.Stdout.WriteString(fmt.Sprintf(
		"{\"mark\": %d, \"file\": \"%s\", \"line\": %d, \"function\": \"main.%s\", \"how\": \"%s\", \"callers\": [%s]%s}\n",
		number, file, line, function, how, strings.Join(quoted, ", "), more))
}

//go:noinline
func direct() {
	say(1, "direct", "direct"); syscall.Close(-1001)
	say(2, "direct", "direct, the next line"); syscall.Close(-1002)
	say(3, "direct", "syscall.RawSyscall"); syscall.RawSyscall(syscall.SYS_CLOSE, ^uintptr(1002), 0, 0)
}

//go:noinline
func throughPackages() {
	say(4, "throughPackages", "os.WriteFile"); os.WriteFile("/nonexistent/mark 4", nil, 0600)
	say(5, "throughPackages", "os.Open"); os.Open("/nonexistent/mark 5")
	say(6, "throughPackages", "fmt.Println"); fmt.Println("mark 6")
}

// Small enough to be inlined: around says its line, which is the only one that it has.
func within(number int) { syscall.Close(-1000 - number) }

//go:noinline
func around() {
	file, line := runtime.FuncForPC(reflect.ValueOf(within).Pointer()).FileLine(reflect.ValueOf(within).Pointer())
	sayAt(7, file, line, "within", "inlined", "main.around main.main", `, "inlined": true`)
	within(7)
}

//go:noinline
func (c *closer) Close() {
	say(c.number, "(*closer).Close", "method"); syscall.Close(-1000 - c.number)
}

//go:noinline
func recovering() {
	defer func() {
		recover()
		say(9, "recovering.func1", "deferred, while a panic unwinds"); syscall.Close(-1009)
	}()
	var none *closer
	none.number++
}

//go:noinline
func ofGoroutine(number int) {
	say(number, "ofGoroutine", "goroutine"); syscall.Close(-1000 - number)
}

// More than a goroutine's first stack has room for.
//
//go:noinline
func deep(depth int) int {
	var room [256]int
	room[depth%256] = depth
	if depth == 0 {
		sayMore(14, "deep", "a stack that grew", "main.deep main.deep main.main", ""); syscall.Close(-1014)
		return room[0]
	}
	return deep(depth-1) + room[depth%256]
}

func main() {
	direct()
	throughPackages()
	around()
	var closing anyCloser = &closer{8}
	closing.Close()
	recovering()
	var group sync.WaitGroup
	for number := 10; number < 14; number++ {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			ofGoroutine(number)
		}(number)
	}
	group.Wait()
	deep(5)
	sayMore(15, "main", "os.Exit", "", `, "call": "exit_group", "argument": "0"`); os.Exit(0)
}
