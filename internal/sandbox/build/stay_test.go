package build

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
)

// Threads that were in another namespace end while programs run that must end
// with us: those go on.
func TestChildOutlivesOtherThreads(t *testing.T) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			ended := make(chan struct{})
			go func() {
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
				close(ended)
			}()
			<-ended
		}
	})
	defer wg.Wait()
	defer close(stop)
	var children sync.WaitGroup
	for range 20 {
		children.Go(func() {
			defer stay()()
			cmd := exec.Command("sleep", "0.3")
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			if err := cmd.Run(); err != nil {
				t.Errorf("a child ended early: %v", err)
			}
		})
	}
	children.Wait()
}
