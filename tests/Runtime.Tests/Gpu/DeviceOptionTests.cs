using Graph.Execution.Ilgpu;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>What comes behind a device's name.</summary>
public sealed class DeviceOptionTests
{
    [Theory]
    [InlineData("cuda,fast")]
    [InlineData("cuda,graph,")]
    [InlineData("cpu, graph")]
    public void An_option_that_there_is_not_is_refused(string id) =>
        Assert.StartsWith($"Device '{id}' is not known; expected ", Assert.Throws<GraphException>(() => Devices.Open(id)).Message, StringComparison.Ordinal);

    [Fact]
    public void Graphs_need_cuda()
    {
        Assert.Contains("CUDA graphs", Assert.Throws<GraphException>(() => Devices.Open("cpu,graph")).Message, StringComparison.Ordinal);
        using var device = GpuDevice.Simulation();
        Assert.EndsWith("has no CUDA graphs; use a CUDA device.", Assert.Throws<GraphException>(() => device.Graphs = true).Message, StringComparison.Ordinal);
        Assert.False(device.Graphs);
    }

    [Fact]
    public void Without_tensor_cores_bfloat16_is_storage_alone_and_the_name_says_it()
    {
        using var device = GpuDevice.Simulation();
        Assert.Equal((false, false, "simulation"), (device.StoresBfloat16, device.HasTensorCores, device.Id));
        device.Bfloat16 = true;
        Assert.Equal((true, false, "simulation,bf16"), (device.StoresBfloat16, device.HasTensorCores, device.Id));
    }
}
