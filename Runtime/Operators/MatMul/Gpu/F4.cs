using System.Runtime.CompilerServices;

namespace Graph.Operators;

/// <summary>Four floats side by side: one 16-byte access on a device, which the view's element type alone decides (reference/ilgpu.md 1).</summary>
internal struct F4(float x, float y, float z, float w)
{
    public float X = x;

    public float Y = y;

    public float Z = z;

    public float W = w;

    /// <summary>this + factor · row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly F4 Plus(float factor, F4 row) => new(X + (factor * row.X), Y + (factor * row.Y), Z + (factor * row.Z), W + (factor * row.W));
}
