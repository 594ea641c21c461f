/*
 * Decides which process a UDP flow, or a sum of datagrams, belongs to: the first process that the programs see using
 * the socket. The callers know whether the current task uses the socket. When a datagram arrives, the current task is
 * unrelated to the socket. If a kernel thread uses the socket, the process stays unknown.
 */
#ifndef NATATOR_UDP_PROCESS_BPF_H
#define NATATOR_UDP_PROCESS_BPF_H

#include "vmlinux.h"
#include "record_layout.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * Copies the current process, except if the current task is a kernel thread. The command is the name of the thread group
 * leader, which ps shows.
 */
static __always_inline void copy_current_process(__u32 *pid, __u8 *command)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	*pid = BPF_CORE_READ(task, tgid);
	BPF_CORE_READ_STR_INTO((char (*)[NATATOR_COMMAND_LENGTH])command, task, group_leader, comm);
}

/* Stores the current process if it uses the socket (in_process) and no process is stored yet (pid is 0). */
static __always_inline void store_process_once(__u32 *pid, __u8 *command, bool in_process)
{
	if (in_process && !*pid)
		copy_current_process(pid, command);
}

#endif
