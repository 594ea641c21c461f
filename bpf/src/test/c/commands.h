/*
 * Functions of a process that a test controls. The process reads one command per line from standard input, and writes
 * one answer per line to standard output: "ok ..." or "failed ERRNO". Sockets are identified by their file descriptors.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* Maximum wait for an event that a test expects. It is long, because the machine can be busy. */
enum { WAIT_MILLISECONDS = 60000 };

static void answer(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

/* Answers with the result of a system call. A negative result means that the call failed with errno. */
static void result(long value)
{
	if (value < 0)
		answer("failed %s", strerrorname_np(errno));
	else
		answer("ok %ld", value);
}

static socklen_t address_of(const char *text, int port, struct sockaddr_storage *address)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(port);
		return sizeof(*ipv4);
	}
	if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) != 1) {
		fprintf(stderr, "%s is no address\n", text);
		exit(1);
	}
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons(port);
	return sizeof(*ipv6);
}

static int local_port(int socket_)
{
	struct sockaddr_in6 address = {};
	socklen_t length = sizeof(address);

	if (getsockname(socket_, (struct sockaddr *)&address, &length))
		return -1;
	/* This is also correct for a sockaddr_in, which has the port at the same offset. */
	return ntohs(address.sin6_port);
}

static int wait_for(int socket_, short events)
{
	struct pollfd poll_ = {.fd = socket_, .events = events};
	int ready = poll(&poll_, 1, WAIT_MILLISECONDS);

	if (ready == 0)
		errno = ETIME;
	return ready > 0 ? 0 : -1;
}

/* Sets the name of the process to its first argument, and then runs commands until standard input ends. */
static int obey_all(int argc, char **argv, void (*obey)(char *line))
{
	static char line[8192];

	if (argc == 2)
		prctl(PR_SET_NAME, argv[1]);
	answer("ready");
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	return 0;
}

#endif
