using System.Diagnostics.CodeAnalysis;

namespace Graph;

/// <summary>Names the operands and shapes of an operator struct: <c>"x: b t 3*c -> y: b t c"</c>; <c>*</c> stands for any leading dims.</summary>
/// <remarks>A dim is a name (bound by the actual shape or by an argument of that name), a number, or an expression linear in at most one unbound name.</remarks>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class OperatorAttribute(string rule) : Attribute
{
    public string Rule => rule;
}

/// <summary>A trainable parameter of the operator: <c>"weight: o i"</c>.</summary>
/// <param name="shape">Name and dims.</param>
/// <param name="init">How it starts.</param>
/// <param name="fanIn">Dim expression whose inverse square root is the standard deviation or bound, where <paramref name="init"/> needs one.</param>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true)]
public sealed class ParameterAttribute(string shape, Init init, string fanIn = "1") : Attribute
{
    public string Shape => shape;

    public Init Init => init;

    public string FanIn => fanIn;
}

/// <summary>A forward by-product that backward reads: <c>"lse: b h t"</c>.</summary>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true)]
public sealed class SavesAttribute(string shape) : Attribute
{
    public string Shape => shape;
}

/// <summary>Arena scratch that lives only inside the operator's backward launches: <c>"partial: b 2"</c>.</summary>
[AttributeUsage(AttributeTargets.Struct, AllowMultiple = true)]
public sealed class ScratchAttribute(string shape) : Attribute
{
    public string Shape => shape;
}

/// <summary>Which forward values a pointwise or row backward reads, among <c>x a b y</c>. Without it: every input. The statistic of a row operator is always saved.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class BackwardReadsAttribute(params string[] values) : Attribute
{
    public IReadOnlyList<string> Values => values;
}

/// <summary>Floating-point operations per element (pointwise, row) or of the whole forward (tile), as a dim expression; two forms separated by <c>|</c>: the cheaper counts.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class CostAttribute(string flops) : Attribute
{
    public string Flops => flops;
}

public enum Pass
{
    Forward,
    Backward,
}

/// <summary>A static method of a tile operator that the schedule calls.</summary>
/// <param name="pass">Forward or backward; several launches of one pass run in the order of <paramref name="order"/>.</param>
/// <param name="units">Dim expression that counts the units, e.g. <c>"b*heads"</c>, or <c>"rows"</c>: a block of rows inside a region.</param>
/// <param name="order">Position among the launches of the pass.</param>
/// <param name="barrier">With <c>"rows"</c>: reads rows of other blocks (a halo), so its input must be complete before the region starts.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LaunchAttribute(Pass pass, string units, int order = 0, bool barrier = false) : Attribute
{
    public Pass Pass => pass;

    public string Units => units;

    public int Order => order;

    public bool Barrier => barrier;

    /// <summary>
    /// The method has a GPU half: it takes <c>in Worker worker</c> and, where <c>worker.Gpu</c> is not null, queues device kernels for all
    /// units (unit 0 or row 0 on) instead of doing the work of one. Without it a program on a device says which operator is missing.
    /// </summary>
    public bool Gpu { get; init; }

    /// <summary>
    /// For operators of the runtime itself, with <c>"rows"</c> and <see cref="Gpu"/>: an operand that may be a product which has not run. On a
    /// device the method takes it (<see cref="Execution.GpuQueue.Take"/>) and lets the product's tiles do its work, or queues the product first.
    /// </summary>
    public string? TakesProduct { get; init; }

    /// <summary>
    /// With <see cref="Gpu"/>: operands and results, by name and separated by spaces, that a device may store as bfloat16. The method then gets places for
    /// which <see cref="Execution.Bfloat16Place.Is"/> may be true. A value is stored so if everything that touches it can take it.
    /// </summary>
    public string? Bfloat16 { get; init; }
}

/// <summary>How a parameter starts (trm.md 1.2, mamba2.md 1.2).</summary>
[SuppressMessage("Naming", "CA1712", Justification = "LogUniform is a distribution's name.")]
public enum Init
{
    Zeros,
    Ones,

    /// <summary>Truncated normal at ±2 pre-scale sigmas with the std corrected to 1/sqrt(fanIn).</summary>
    TruncatedNormal,

    /// <summary>Uniform ±1/sqrt(fanIn), PyTorch's default for linear and convolution.</summary>
    Uniform,

    /// <summary>Constant -5: the halting bias.</summary>
    HaltBias,

    /// <summary>ln of uniform(1, 16): Mamba-2's A_log.</summary>
    LogUniform1To16,

    /// <summary>Inverse softplus of a log-uniform step in [1e-3, 1e-1]: Mamba-2's dt_bias.</summary>
    TimeStepBias,
}
