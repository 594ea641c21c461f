// Generates load for the benchmarks: a client process and a server process exchange data over loopback. Both processes
// run on the CPU on which this program is started.
//
//   load bulk SECONDS        64 KiB writes over one connection        prints bytes per second
//   load request SECONDS     64 B there and 64 B back, one connection prints round trips per second
//   load connect SECONDS     connect, 64 B there and back, close      prints connections per second
//   load hold COUNT          opens COUNT connections, sends a byte over each, prints "ready", and holds the connections
//                            until stdin ends. For each line on stdin, sends 1 KiB over every connection and prints
//                            "sent"
//
// The program uses blocking calls and no event loop, so that most of its time is spent in the kernel.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST = 64, BULK = 64 * 1024, KIBIBYTE = 1024, ADDRESSES = 200 };

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void no_delay(int socket)
{
	int one = 1;

	if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("setsockopt");
}

// Reads exactly size bytes. Returns 0 at the end of the stream.
static int read_all(int socket, char *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t count = read(socket, buffer + done, size - done);

		if (count == 0)
			return 0;
		if (count < 0)
			die("read");
		done += count;
	}
	return 1;
}

static void write_all(int socket, const char *buffer, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t count = write(socket, buffer + done, size - done);

		if (count < 0)
			die("write");
		done += count;
	}
}

static int listen_on_loopback(struct sockaddr_in *address)
{
	socklen_t length = sizeof(*address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY) };
	if (listener < 0 || bind(listener, (struct sockaddr *)address, length) || listen(listener, 4096) ||
	    getsockname(listener, (struct sockaddr *)address, &length))
		die("listen");
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return listener;
}

static int connect_to(const struct sockaddr_in *address)
{
	int client = socket(AF_INET, SOCK_STREAM, 0);

	if (client < 0 || connect(client, (const struct sockaddr *)address, sizeof(*address)))
		die("connect");
	no_delay(client);
	return client;
}

static void serve(int listener, int echo)
{
	static char buffer[BULK];

	for (;;) {
		int server = accept(listener, NULL, NULL);

		if (server < 0)
			die("accept");
		no_delay(server);
		for (;;) {
			ssize_t count = read(server, buffer, echo ? REQUEST : BULK);

			if (count <= 0)
				break;
			if (echo)
				write_all(server, buffer, count);
		}
		close(server);
	}
}

static double run(const char *mode, double seconds, const struct sockaddr_in *address)
{
	static char buffer[BULK];
	double start = now(), end = start + seconds, done = 0;
	int connect_each = strcmp(mode, "connect") == 0, bulk = strcmp(mode, "bulk") == 0;
	int client = connect_each ? -1 : connect_to(address);

	while (now() < end) {
		if (bulk) {
			write_all(client, buffer, BULK);
			done += BULK;
			continue;
		}
		if (connect_each)
			client = connect_to(address);
		write_all(client, buffer, REQUEST);
		if (!read_all(client, buffer, REQUEST))
			die("the server closed");
		if (connect_each) {
			// Closes the connection with RST, which avoids the state TIME_WAIT, so that ports do not run out.
			struct linger linger = { .l_onoff = 1, .l_linger = 0 };

			setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
			close(client);
		}
		done++;
	}
	return done / (now() - start);
}

// The server of 'hold': accepts all connections and discards their data, in one process with epoll.
static void serve_many(int listener)
{
	static char buffer[BULK];
	int poll = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[256];

	if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event))
		die("epoll");
	for (;;) {
		int count = epoll_wait(poll, events, 256, -1);

		for (int i = 0; i < count; i++) {
			int ready = events[i].data.fd;

			if (ready == listener) {
				event.data.fd = accept(listener, NULL, NULL);
				if (event.data.fd >= 0)
					epoll_ctl(poll, EPOLL_CTL_ADD, event.data.fd, &event);
			} else if (read(ready, buffer, sizeof(buffer)) <= 0) {
				close(ready);
			}
		}
	}
}

static void hold(int count, struct sockaddr_in address)
{
	static char buffer[KIBIBYTE];
	int *sockets = calloc(count, sizeof(*sockets));

	if (!sockets)
		die("calloc");
	for (int i = 0; i < count; i++) {
		// A client has about 28,000 local ports, which limits the connections to one destination address. So several
		// destination addresses are used.
		address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i % ADDRESSES);
		sockets[i] = connect_to(&address);
		write_all(sockets[i], buffer, 1);
	}
	puts("ready");
	fflush(stdout);
	for (char line[16]; fgets(line, sizeof(line), stdin);) {
		for (int i = 0; i < count; i++)
			write_all(sockets[i], buffer, KIBIBYTE);
		puts("sent");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address;
	struct rlimit files;
	const char *mode = argc == 3 ? argv[1] : "";
	int holds = strcmp(mode, "hold") == 0;
	int listener;
	pid_t server;

	if (!holds && strcmp(mode, "bulk") && strcmp(mode, "request") && strcmp(mode, "connect")) {
		fprintf(stderr, "usage: load bulk|request|connect SECONDS | load hold COUNT\n");
		return 2;
	}
	// Raises the limit of open files: each of the two processes needs COUNT files and a few more.
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	listener = listen_on_loopback(&address);
	server = fork();
	if (server < 0)
		die("fork");
	if (server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (holds)
			serve_many(listener);
		serve(listener, strcmp(mode, "bulk") != 0);
	}
	close(listener);
	if (holds)
		hold(atoi(argv[2]), address);
	else
		printf("%.0f\n", run(mode, atof(argv[2]), &address));
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	return 0;
}
