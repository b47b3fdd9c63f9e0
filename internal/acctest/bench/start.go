package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/rpc"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// StartUp starts a provider as Terraform does, and returns how long it takes until
// it has told its schema.
func StartUp(ctx context.Context, program string) (time.Duration, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		// What Terraform and its providers have agreed on.
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{
			5: {"provider": connection{method: "/tfplugin5.Provider/GetSchema"}},
			6: {"provider": connection{method: "/tfplugin6.Provider/GetProviderSchema"}},
		},
		Cmd:              exec.Command(program),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Logger:           hclog.NewNullLogger(),
		Stderr:           io.Discard, // where the SDK traces what it does
	})
	defer client.Kill()
	began := time.Now()
	protocol, err := client.Client()
	if err != nil {
		return 0, err
	}
	dispensed, err := protocol.Dispense("provider")
	if err != nil {
		return 0, err
	}
	to, ok := dispensed.(connection)
	if !ok {
		return 0, fmt.Errorf("a provider can't be a %T", dispensed)
	}
	var schema []byte
	// The largest schema of a provider's is far larger than gRPC's own limit.
	err = to.conn.Invoke(ctx, to.method, []byte{}, &schema, grpc.ForceCodec(raw{}), grpc.MaxCallRecvMsgSize(64<<20))
	if err == nil && len(schema) == 0 {
		err = errors.New("the schema is empty")
	}
	return time.Since(began), err
}

// connection is a provider as go-plugin hands it out: the connection alone. What is
// told of the schema is not looked into, as it is made and sent all the same.
type connection struct {
	plugin.NetRPCUnsupportedPlugin

	method string
	conn   *grpc.ClientConn
}

func (c connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this is the client's side")
}

func (c connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	c.conn = conn
	return c, nil
}

// Client is of the older protocol, which providers do not speak.
func (c connection) Client(*plugin.MuxBroker, *rpc.Client) (any, error) {
	return nil, errors.New("providers speak gRPC")
}

// raw passes messages on as they are.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(message any) ([]byte, error) {
	bytes, ok := message.([]byte)
	if !ok {
		return nil, fmt.Errorf("a message can't be a %T", message)
	}
	return bytes, nil
}

func (raw) Unmarshal(data []byte, message any) error {
	bytes, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("a message can't be a %T", message)
	}
	*bytes = append((*bytes)[:0], data...)
	return nil
}
