package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// providerPrefix begins the name of every provider's program.
const providerPrefix = "terraform-provider-"

// usage is what processes took.
type usage struct {
	processor time.Duration // of all
	memory    int64         // bytes, of that which had most at a time
	command   int64         // bytes that the command itself had
}

// watch looks at a process and at the providers that it starts, until ended is closed. The
// kernel itself keeps the most memory that a process has had: what is missed is what
// is added between the last look and the end. Terraform starts a provider several
// times for each command.
func watch(pid int, ended <-chan struct{}) usage {
	seen := map[int]usage{}
	var command int64
	began := time.Now()
	for {
		for _, child := range children(pid) {
			if used, ok := look(child); ok {
				seen[child] = used
			}
		}
		if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil {
			command = max(command, peak(string(status)))
		}
		select {
		case <-time.After(pause(time.Since(began))):
		case <-ended:
			all := usage{command: command}
			for _, one := range seen {
				all.processor += one.processor
				all.memory = max(all.memory, one.memory)
			}
			return all
		}
	}
}

// pause is the time until the next look at a command that has run for so long.
func pause(ran time.Duration) time.Duration {
	return min(max(ran/100, watchingAtFirst), watchingLater)
}

// children are the processes that the threads of a process have started.
func children(pid int) (all []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range files {
		text, _ := os.ReadFile(file) // a thread that has ended has none
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, child)
			}
		}
	}
	return all
}

// look returns what a provider's process has used so far; false if it is another
// program, or gone.
func look(pid int) (usage, bool) {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil || !strings.HasPrefix(filepath.Base(program), providerPrefix) {
		return usage{}, false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return usage{}, false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, false
	}
	return usage{processor: processorTime(string(stat)), memory: peak(string(status))}, true
}

// peak reads the most memory that a process has had at a time from its
// /proc/PID/status; 0 of one that has ended and is not waited for yet.
func peak(status string) int64 {
	for line := range strings.Lines(status) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmHWM:" {
			kib, _ := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// processorTime reads the time of a process and its threads from its
// /proc/PID/stat. The kernel counts there in hundredths of a second.
func processorTime(stat string) time.Duration {
	// The program's name, in brackets, may hold anything.
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	const user, system = 11, 12 // after the name; the manual counts from 1, and the name is 2
	if len(fields) <= system {
		return 0
	}
	ticks, _ := strconv.Atoi(fields[user])
	more, _ := strconv.Atoi(fields[system])
	return time.Duration(ticks+more) * (time.Second / 100)
}
