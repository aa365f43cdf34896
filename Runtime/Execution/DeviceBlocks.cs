namespace Graph.Execution;

/// <summary>The blocks of a device's float memory that travel between host and device, in floats.</summary>
internal static class DeviceBlocks
{
    /// <summary>Room at the start of the incoming block, a whole buffer: <see cref="GpuMemory.Report"/>.</summary>
    public const int Report = 64;

    /// <summary>Float inputs that the host writes before a step. States are none: they stay where they are.</summary>
    public static IEnumerable<Port> Inputs(PlanTable plan) =>
        plan.Ports.Values.Where(port => port is { IsInput: true, Integer: false } && plan.States.All(state => state.Port.Offset != port.Offset));

    /// <summary>All inputs.</summary>
    public static long Outgoing(PlanTable plan) => GpuMemory.Up(plan.Integers) + Inputs(plan).Sum(port => GpuMemory.Up(port.Count));

    /// <summary>The report, all outputs and losses, and the gradients of inputs.</summary>
    public static long Incoming(PlanTable plan) =>
        Report
        + plan.Ports.Values.Where(port => port is { IsInput: false, Integer: false }).Sum(port => GpuMemory.Up(port.Count))
        + plan.GradientOffsets.Keys.Sum(name => GpuMemory.Up(plan.Ports[name].Count));

    /// <summary>One initial row a state.</summary>
    public static long InitialRows(PlanTable plan) => plan.States.Sum(state => GpuMemory.Up(state.InitRow.Length));
}
