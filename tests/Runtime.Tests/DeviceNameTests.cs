using Graph.Execution.Ilgpu;
using Xunit;

namespace Graph.Tests;

public sealed class DeviceNameTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("cpu,bf16")]
    public void The_cpu_has_two_precisions(string id)
    {
        Assert.Equal(id, Devices.Open(id).Id);
        Assert.True(Devices.IsCpu(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",bf16")]
    [InlineData("cpu,bf17")]
    [InlineData("cpu, bf16")]
    [InlineData("cpu,bf16,bf16")]
    [InlineData("cpu:0,bf16")]
    [InlineData("gpu,bf16")]
    public void Other_names_are_refused_in_one_sentence(string id)
    {
        var problem = Assert.Throws<GraphException>(() => Devices.Open(id));
        Assert.Equal($"Device '{id}' is not known; expected {Devices.Help}.", problem.Message);
        Assert.False(Devices.IsCpu(id));
    }
}
