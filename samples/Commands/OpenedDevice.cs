using Graph.Execution;
using Graph.Execution.Ilgpu;

namespace Graph.Samples.Commands;

/// <summary>A device that is closed after its programs.</summary>
internal sealed class OpenedDevice(string id, int threads) : IDisposable
{
    /// <exception cref="GraphException">There is no such device on this machine.</exception>
    public Device Device { get; } = Devices.Open(id, threads);

    public void Dispose() => (Device as IDisposable)?.Dispose();
}
