/*
 * A process that makes system calls on TCP sockets at the command of a test (commands.h). Java does not offer these
 * calls.
 */
#define _GNU_SOURCE
#include "commands.h"
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 16 << 10 };

static char chunk[CHUNK];

static int create(int family, int type, int protocol)
{
	int socket_ = socket(family == 4 ? AF_INET : AF_INET6, type, protocol);
	int one = 1;

	if (socket_ >= 0)
		setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return socket_;
}

/* Creates listeners, each on another loopback address, on ports that the kernel chooses. If keep is 0, closes each before it creates the next. */
static long create_listeners(long count, long keep)
{
	struct rlimit files = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};

	setrlimit(RLIMIT_NOFILE, &files);
	for (long index = 0; index < count; index++) {
		int socket_ = create(4, SOCK_STREAM, 0);
		struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + index)};

		if (socket_ < 0 || bind(socket_, (struct sockaddr *)&own, sizeof(own)) || listen(socket_, 1))
			return -1;
		if (!keep)
			close(socket_);
	}
	return count;
}

/* Whether there is something to read or to accept now. Does not wait. */
static int is_readable(int socket_)
{
	struct pollfd poll_ = {.fd = socket_, .events = POLLIN};

	return poll(&poll_, 1, 0);
}

/* Waits for an event on a socket, and fails if the socket has an error after the event. */
static int await_event(int socket_, short event)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (wait_for(socket_, event) || getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length))
		return -1;
	errno = error;
	return error ? -1 : 0;
}

static long send_bytes(int socket_, long bytes)
{
	for (long left = bytes; left > 0;) {
		ssize_t count = send(socket_, chunk, left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);

		if (count < 0)
			return -1;
		left -= count;
	}
	return bytes;
}

/*
 * Reads this number of bytes, or fewer if the peer has sent all of its bytes. Returns the number of bytes that were
 * read.
 */
static long receive_bytes(int socket_, long bytes)
{
	long done = 0;

	while (done < bytes) {
		ssize_t count;

		if (wait_for(socket_, POLLIN))
			return -1;
		count = recv(socket_, chunk, bytes - done < CHUNK ? bytes - done : CHUNK, 0);
		if (count < 0)
			return -1;
		if (count == 0)
			break;
		done += count;
	}
	return done;
}

/* Passes a socket to the process that listens on the Unix socket with this path (SCM_RIGHTS). */
static int pass(int socket_, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int channel = socket(AF_UNIX, SOCK_STREAM, 0), sent = -1;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &socket_, sizeof(int));
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (channel >= 0 && connect(channel, (struct sockaddr *)&address, sizeof(address)) == 0)
		sent = sendmsg(channel, &message, 0);
	close(channel);
	return sent;
}

/* Listens on a Unix socket with this path for sockets that other processes pass. */
static int expect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		return -1;
	return listener;
}

static int take(int listener)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	int channel = accept(listener, NULL, NULL), socket_ = -1;

	if (channel >= 0 && recvmsg(channel, &message, 0) > 0 && CMSG_FIRSTHDR(&message))
		memcpy(&socket_, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	close(channel);
	return socket_;
}

/* Forks. The child runs all following commands; the parent keeps its sockets open until the child ends. */
static long fork_off(void)
{
	pid_t child = fork();

	if (child > 0) {
		waitpid(child, NULL, 0);
		exit(0);
	}
	return child < 0 ? -1 : getpid();
}

static int enter(const char *namespace)
{
	int file = open(namespace, O_RDONLY | O_CLOEXEC), entered;

	if (file < 0)
		return -1;
	entered = setns(file, CLONE_NEWNET);
	close(file);
	return entered;
}

static void obey(char *line)
{
	struct sockaddr_storage address;
	socklen_t length;
	char text[108] = "";
	long value = 0, other = 0;
	int socket_ = -1, family;

	if (sscanf(line, "socket %d %ld %ld", &family, &value, &other) == 3) {
		result(create(family, value, other));
	} else if (sscanf(line, "share-port %d", &socket_) == 1) {
		int one = 1;

		result(setsockopt(socket_, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	} else if (sscanf(line, "transparent %d", &socket_) == 1) {
		int one = 1;

		result(setsockopt(socket_, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof(one)));
	} else if (sscanf(line, "listeners %ld %ld", &value, &other) == 2) {
		result(create_listeners(value, other));
	} else if (sscanf(line, "is-readable %d", &socket_) == 1) {
		result(is_readable(socket_));
	} else if (sscanf(line, "bind %d %100s %ld", &socket_, text, &value) == 3) {
		length = address_of(text, value, &address);
		if (bind(socket_, (struct sockaddr *)&address, length))
			result(-1);
		else
			result(local_port(socket_));
	} else if (sscanf(line, "listen %d %ld", &socket_, &value) == 2) {
		result(listen(socket_, value));
	} else if (sscanf(line, "fastopen-queue %d %ld", &socket_, &value) == 2) {
		int queue = value;

		result(setsockopt(socket_, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)));
	} else if (sscanf(line, "accept %d", &socket_) == 1) {
		result(wait_for(socket_, POLLIN) ? -1 : accept(socket_, NULL, NULL));
	} else if (sscanf(line, "connect %d %100s %ld", &socket_, text, &value) == 3) {
		length = address_of(text, value, &address);
		result(connect(socket_, (struct sockaddr *)&address, length));
	} else if (sscanf(line, "fastopen %d %100s %ld %ld", &socket_, text, &value, &other) == 4) {
		length = address_of(text, value, &address);
		result(sendto(socket_, chunk, other, MSG_FASTOPEN, (struct sockaddr *)&address, length));
	} else if (sscanf(line, "disconnect %d", &socket_) == 1) {
		struct sockaddr nobody = {.sa_family = AF_UNSPEC};

		result(connect(socket_, &nobody, sizeof(nobody)));
	} else if (sscanf(line, "await %d", &socket_) == 1) {
		result(await_event(socket_, POLLOUT));
	} else if (sscanf(line, "fail %d", &socket_) == 1) {
		result(await_event(socket_, 0));
	} else if (sscanf(line, "port %d", &socket_) == 1) {
		result(local_port(socket_));
	} else if (sscanf(line, "send %d %ld", &socket_, &value) == 2) {
		result(send_bytes(socket_, value));
	} else if (sscanf(line, "receive %d %ld", &socket_, &value) == 2) {
		result(receive_bytes(socket_, value));
	} else if (sscanf(line, "readable %d", &socket_) == 1) {
		result(wait_for(socket_, POLLIN));
	} else if (sscanf(line, "finish %d", &socket_) == 1) {
		result(shutdown(socket_, SHUT_WR));
	} else if (sscanf(line, "nonblocking %d", &socket_) == 1) {
		result(fcntl(socket_, F_SETFL, O_NONBLOCK));
	} else if (sscanf(line, "user-timeout %d %ld", &socket_, &value) == 2) {
		unsigned milliseconds = value;

		result(setsockopt(socket_, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds)));
	} else if (sscanf(line, "reset %d", &socket_) == 1) {
		struct linger linger = {.l_onoff = 1};

		setsockopt(socket_, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		result(close(socket_));
	} else if (sscanf(line, "close %d", &socket_) == 1) {
		result(close(socket_));
	} else if (sscanf(line, "expect %100s", text) == 1) {
		result(expect(text));
	} else if (sscanf(line, "take %d", &socket_) == 1) {
		result(take(socket_));
	} else if (sscanf(line, "pass %d %100s", &socket_, text) == 2) {
		result(pass(socket_, text));
	} else if (strncmp(line, "fork", 4) == 0) {
		result(fork_off());
	} else if (sscanf(line, "namespace %100s", text) == 1) {
		result(enter(text));
	} else {
		answer("unknown command");
	}
}

int main(int argc, char **argv)
{
	return obey_all(argc, argv, obey);
}
