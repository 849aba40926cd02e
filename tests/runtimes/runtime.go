// SPDX-License-Identifier: MIT

// What Go's runtime does with the kernel: goroutines that never call anything are preempted by SIGURG, timers, the
// network poller, children, signals. It checks itself and prints the same in every run.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func number(argument int) int {
	value, err := strconv.Atoi(os.Args[argument])
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// Loops without a call in them: only a signal ends their turn, and a collection has to wait for that.
func preemption(collections int) {
	var stop, sum uint64
	var all sync.WaitGroup
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			n := uint64(0)
			for atomic.LoadUint64(&stop) == 0 {
				for k := 0; k < 5000000; k++ {
					n = n*31 + 7
				}
			}
			atomic.AddUint64(&sum, n|1)
		}()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := 0; i < collections; i++ {
		runtime.GC()
	}
	runtime.ReadMemStats(&after)
	atomic.StoreUint64(&stop, 1)
	all.Wait()
	fmt.Println("collections", after.NumGC-before.NumGC >= uint32(collections))
}

func channels(items int) {
	first := make(chan int)
	source := first
	for i := 0; i < 100; i++ {
		target := make(chan int)
		go func(source, target chan int) {
			for item := range source {
				target <- item + 1
			}
			close(target)
		}(source, target)
		source = target
	}
	go func() {
		for i := 0; i < items; i++ {
			first <- i
		}
		close(first)
	}()
	sum := 0
	for item := range source {
		sum += item
	}
	fmt.Println("channels", sum == items*(items-1)/2+100*items)
}

func timers(wanted int) {
	var early, fired int32
	var all sync.WaitGroup
	for i := 0; i < wanted; i++ {
		all.Add(1)
		duration := time.Duration(i*7919%200) * time.Millisecond
		due := time.Now().Add(duration)
		time.AfterFunc(duration, func() {
			if time.Now().Before(due) {
				atomic.AddInt32(&early, 1)
			}
			atomic.AddInt32(&fired, 1)
			all.Done()
		})
	}
	all.Wait()
	fmt.Println("timers", fired, "early", early)
}

func network(clients int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(connection, connection)
				connection.Close()
			}()
		}
	}()
	var right int32
	var all sync.WaitGroup
	for i := 0; i < clients; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			connection, err := net.Dial("tcp", listener.Addr().String())
			check(err)
			data := bytes.Repeat([]byte{byte(i)}, 100000)
			go func() {
				connection.Write(data)
				connection.(*net.TCPConn).CloseWrite()
			}()
			got, err := io.ReadAll(connection)
			check(err)
			connection.Close()
			if bytes.Equal(got, data) {
				atomic.AddInt32(&right, 1)
			}
		}(i)
	}
	all.Wait()
	// Nobody answers: the deadline ends it.
	connection, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	connection.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
	_, err = connection.Read(make([]byte, 1))
	timeout, is := err.(net.Error)
	fmt.Println("clients", right, "timeout", is && timeout.Timeout())
	listener.Close()
}

func children(wanted int) {
	var right int32
	var all sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		all.Add(1)
		go func(worker int) {
			defer all.Done()
			for i := 0; i < wanted; i++ {
				child := exec.Command("/bin/sh", "-c", fmt.Sprintf("cat; exit %d", i%3))
				text := fmt.Sprintf("%d %d", worker, i)
				child.Stdin = bytes.NewReader([]byte(text))
				output, _ := child.CombinedOutput()
				if string(output) == text && child.ProcessState.ExitCode() == i%3 {
					atomic.AddInt32(&right, 1)
				}
			}
		}(worker)
	}
	all.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := exec.CommandContext(ctx, "/bin/sleep", "600").Run()
	fmt.Println("children", right, "killed:", err)
	fmt.Println("absent:", exec.Command("/nonexistent").Run())
}

func signals(wanted int) {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGUSR1)
	for i := 0; i < wanted; i++ {
		check(syscall.Kill(os.Getpid(), syscall.SIGUSR1))
		<-arrived
	}
	fmt.Println("signals", wanted)
}

// A fault becomes a panic, which is recovered from.
func faults(wanted int) {
	caught := 0
	for i := 0; i < wanted; i++ {
		func() {
			defer func() {
				if recover() != nil {
					caught++
				}
			}()
			var nothing *[4]int
			nothing[i%4]++
		}()
	}
	fmt.Println("faults", caught)
}

func main() {
	runtime.GOMAXPROCS(4)
	preemption(number(1))
	channels(number(2))
	timers(number(3))
	network(number(4))
	children(number(5))
	signals(number(6))
	faults(number(7))
}
