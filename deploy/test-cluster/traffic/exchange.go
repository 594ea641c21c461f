package main

import (
	"encoding/binary"
	"io"
	"net"
	"time"
)

// A connection begins with a header of two 8-byte numbers: how many bytes the client sends next, and how many the server sends.
const headerSize = 16

// After the signal to stop, a server continues to serve for this long.
const stopDelay = 5 * time.Second

// zeros is an endless source of payload.
type zeros struct{}

func (zeros) Read(buffer []byte) (int, error) {
	clear(buffer)
	return len(buffer), nil
}

func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go respond(connection)
	}
}

// respond handles the server's side of a connection. It does not close the connection before the client does.
func respond(connection net.Conn) {
	defer connection.Close()
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(connection, header); err != nil {
		return
	}
	if _, err := io.CopyN(io.Discard, connection, int64(binary.BigEndian.Uint64(header))); err != nil {
		return
	}
	if _, err := io.CopyN(connection, zeros{}, int64(binary.BigEndian.Uint64(header[8:]))); err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, connection)
}

// exchange handles the client's side of a connection: it sends the header and toServer bytes, and reads toClient bytes.
func exchange(connection net.Conn, toServer, toClient int64) error {
	header := binary.BigEndian.AppendUint64(nil, uint64(toServer))
	header = binary.BigEndian.AppendUint64(header, uint64(toClient))
	if _, err := connection.Write(header); err != nil {
		return err
	}
	if _, err := io.CopyN(connection, zeros{}, toServer); err != nil {
		return err
	}
	_, err := io.CopyN(io.Discard, connection, toClient)
	return err
}
