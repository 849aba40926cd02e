// SPDX-License-Identifier: MIT
// What README says, in Go.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
)

type report struct {
	folder    string
	change    string
	lines     int
	words     int
	hasErrors bool
	counted   map[string]int
	skipped   map[string]bool
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(2)
	}
}

func (r *report) path(name string) string {
	return filepath.Join(r.folder, name)
}

// The changed text where that is the change that was asked for.
func (r *report) changed(change, text, other string) string {
	if r.change == change {
		return other
	}
	return text
}

func (r *report) takeLock() {
	file, err := os.OpenFile(r.path("lock"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	check(err)
	_, err = file.WriteString("report\n")
	check(err)
	check(file.Close())
}

func (r *report) readSkipped() {
	text, err := os.ReadFile(r.path("skip.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	check(err)
	for _, word := range bytes.Fields(text) {
		r.skipped[string(word)] = true
	}
}

func (r *report) readInput(path string) {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	input := bufio.NewReader(file)
	output := bufio.NewWriterSize(os.Stdout, 32768)
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 0 {
			r.lines++
			r.hasErrors = r.hasErrors || bytes.HasPrefix(line, []byte("ERROR"))
			words := bytes.Fields(line)
			fmt.Fprintf(output, "%d:", r.lines)
			for i := len(words) - 1; i >= 0; i-- {
				fmt.Fprintf(output, " %s", words[i])
			}
			fmt.Fprintln(output)
			for _, word := range words {
				if !r.skipped[string(word)] {
					r.words++
					r.counted[string(word)]++
				}
			}
		}
		if err == io.EOF {
			break
		}
		check(err)
	}
	fmt.Fprintf(output, "%s %d lines, %d words, %d different\n", r.changed("output-byte", "total", "Total"),
		r.lines, r.words, len(r.counted))
	check(output.Flush())
}

func (r *report) writeReport() {
	temporary := r.path(r.changed("in-place", "report.txt.tmp", "report.txt"))
	file, err := os.Create(temporary)
	check(err)
	sorted := make([]string, 0, len(r.counted))
	for word := range r.counted {
		sorted = append(sorted, word)
	}
	sort.Strings(sorted)
	output := bufio.NewWriter(file)
	if r.change != "order" {
		fmt.Fprintln(output, r.changed("report-byte", "Words by name", "Words by neme"))
	}
	for _, word := range sorted {
		fmt.Fprintf(output, "%d %s\n", r.counted[word], word)
	}
	if r.change == "order" {
		fmt.Fprintln(output, "Words by name")
	}
	check(output.Flush())
	check(file.Close())
	if r.change != "in-place" {
		check(os.Rename(temporary, r.path("report.txt")))
	}
}

func (r *report) tellPeer(address string, port int) {
	peer, err := net.Dial("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	check(err)
	_, err = fmt.Fprintf(peer, "%d %s %d words\n", r.lines, r.changed("peer-byte", "lines", "Lines"), r.words)
	check(err)
	check(peer.Close())
}

func run(name string, arguments ...string) {
	command := exec.Command(name, arguments...)
	command.Stdout = os.Stdout
	command.Stderr = os.Stderr
	check(command.Run())
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: report INPUT FOLDER PORT [CHANGE]")
		os.Exit(2)
	}
	r := &report{folder: os.Args[2], counted: map[string]int{}, skipped: map[string]bool{}}
	if len(os.Args) > 4 {
		r.change = os.Args[4]
	}
	port, err := strconv.Atoi(os.Args[3])
	check(err)
	if r.change != "no-lock" {
		r.takeLock()
	}
	if r.change != "no-read" {
		r.readSkipped()
	}
	r.readInput(os.Args[1])
	if r.change != "no-report" {
		r.writeReport()
	}
	if port != 0 {
		r.tellPeer("127.0.0.1", port)
	}
	if port != 0 && r.change == "extra-peer" {
		r.tellPeer("127.0.0.2", port)
	}
	run("/bin/echo", r.changed("child-argument", "done", "did"), strconv.Itoa(r.lines))
	if r.change == "extra-child" {
		run("/bin/true", "extra")
	}
	fmt.Fprintf(os.Stderr, "report: %d lines%s\n", r.lines, r.changed("message", "", "!"))
	if r.change != "no-lock" && r.change != "keep-lock" {
		check(os.Remove(r.path("lock")))
	}
	status := 0
	if r.hasErrors {
		status = 3
	}
	if r.change == "status" {
		status++
	}
	os.Exit(status)
}
