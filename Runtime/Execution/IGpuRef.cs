using ILGPU;

namespace Graph.Execution;

/// <summary>An <see cref="IRef{T}"/> of a device: in its kernels a place comes as an argument.</summary>
public interface IGpuRef<T> : IRef<T>
    where T : struct, IGpuRef<T>
{
    /// <param name="memory">The device's float memory.</param>
    /// <param name="place">As <see cref="GpuQueue.At(Ref)"/> says it; -1: null.</param>
    static abstract T At(ArrayView<float> memory, long place);
}
